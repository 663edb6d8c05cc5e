// my-plugin: what a host calls.
#define DLRPC_PLUGIN_IMPLEMENTATION
#include "dlrpc_plugin.hpp"

#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>

namespace {

constexpr char METADATA[] =
    R"({"name":"my-plugin","description":"Answers with what it was called with","version":"0.1.0","abi_version":1})";

// `context` is {"input":{…},"workspace_root":"…" or null,"config":{…}}. C++ reads no JSON: here it is the output as it is.
std::string output(const std::string &context) {
  dlrpc::Call::current().progress(1, 1, "answering");
  return context;
}

// The host gives it back to vtcode_plugin_free_string.
const char *copy(const std::string &text) noexcept {
  const std::size_t size = text.size() + 1;
  void *memory = std::malloc(size);
  return memory == nullptr ? nullptr : static_cast<const char *>(std::memcpy(memory, text.c_str(), size));
}

} // namespace

uint32_t vtcode_plugin_version(void) {
  return VTCODE_PLUGIN_ABI_VERSION;
}

const char *vtcode_plugin_metadata(void) {
  return copy(METADATA);
}

const char *vtcode_plugin_execute(const char *input_json) {
  try { // what is thrown must not reach the host, which is no C++
    return copy(R"({"success":true,"output":)" + output(input_json) + R"(,"error":null,"files":[]})");
  } catch (const std::exception &) {
    return copy(R"({"success":false,"output":{},"error":"the plugin threw an exception","files":[]})");
  }
}

void vtcode_plugin_free_string(const char *string) {
  std::free(const_cast<char *>(string));
}
