/* dlrpc_plugin.h for C++17: the same functions, with the types of C++. Like them it works on every thread, throws nothing, and
 * does nothing where there is no table, as in VT Code, or once the call is over.
 *
 *     #define DLRPC_PLUGIN_IMPLEMENTATION // in one source file of the plugin: it exports dlrpc_plugin_attach
 *     #include "dlrpc_plugin.hpp"
 *
 *     const char *vtcode_plugin_execute(const char *input_json) {
 *       const dlrpc::Call call = dlrpc::Call::current();
 *       const std::vector<Page> pages = pages_of(input_json);
 *       for (size_t done = 0; done < pages.size(); done++) {
 *         if (call.should_stop()) return R"({"success":false,"output":{},"error":"stopped","files":[]})";
 *         call.output(convert(pages[done])); // the text of a JSON value
 *         call.progress(done + 1, pages.size(), pages[done].name);
 *       }
 *       return R"({"success":true,"output":{},"error":null,"files":[]})";
 *     }
 *
 * A Call is a number: threads that work for the call are given it by value. */
#ifndef DLRPC_PLUGIN_HPP
#define DLRPC_PLUGIN_HPP

#include "dlrpc_plugin.h"

#include <chrono>
#include <optional>
#include <string_view>

namespace dlrpc {

enum class Level { error = DLRPC_ERROR, warn = DLRPC_WARN, info = DLRPC_INFO, debug = DLRPC_DEBUG };

class Call {
public:
  /* The call that runs on this thread; on others, one that is over. */
  static Call current() noexcept { return Call(dlrpc_current_call()); }

  /* How far the call is, in any unit; a total that is not above 0 means that it is not known. */
  void progress(double done, double total, std::string_view message = {}) const noexcept {
    dlrpc_progress(call_, done, total, message.data(), message.size());
  }

  /* Hands over a partial result, one JSON value. Returns false where it is not passed on: the call is over or is to stop,
   * nobody wants it, or it is too long. */
  bool output(std::string_view json) const noexcept { return dlrpc_output(call_, json.data(), json.size()) != 0; }

  /* Says something to whoever reads the host's log. */
  void log(Level level, std::string_view text) const noexcept {
    dlrpc_log(call_, static_cast<dlrpc_level>(level), text.data(), text.size());
  }

  /* Whether the call was cancelled, its time is up, or it is over: who then returns soon keeps the process. */
  bool should_stop() const noexcept { return dlrpc_should_stop(call_) != 0; }

  /* Until the call's deadline; nothing where there is none. */
  std::optional<std::chrono::milliseconds> remaining() const noexcept {
    const int64_t milliseconds = dlrpc_remaining_ms(call_);
    if (milliseconds == INT64_MAX) return std::nullopt;
    return std::chrono::milliseconds(milliseconds);
  }

private:
  explicit Call(dlrpc_call call) noexcept : call_(call) {}
  dlrpc_call call_;
};

} // namespace dlrpc

#endif
