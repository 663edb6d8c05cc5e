// What a C++ runtime has to get right within a library: exceptions through frames with destructors, thread-local objects that
// are destroyed with their thread, and static ones that are there from the start.
#include "vtcode_plugin.h"

#include <stdexcept>
#include <string>

#include <windows.h>

namespace {

int destroyed = 0;

struct Counted {
  ~Counted() { destroyed++; }
};

const std::string greeting = "made at the start";
thread_local Counted of_thread;

__attribute__((noinline)) void throw_through(int depth) {
  const Counted counted;
  if (depth == 0) throw std::runtime_error("thrown");
  throw_through(depth - 1);
}

DWORD WINAPI use_thread_local(void *) {
  return &of_thread == nullptr;
}

std::string answer() {
  destroyed = 0;
  std::string caught;
  try {
    throw_through(2);
  } catch (const std::exception &error) {
    caught = error.what();
  }
  const int by_exception = destroyed;
  const HANDLE thread = CreateThread(nullptr, 0, use_thread_local, nullptr, 0, nullptr);
  WaitForSingleObject(thread, INFINITE);
  CloseHandle(thread);
  return "{\"caught\":\"" + caught + "\",\"by_exception\":" + std::to_string(by_exception) +
         ",\"by_thread\":" + std::to_string(destroyed - by_exception) + ",\"static\":\"" + greeting + "\"}";
}

} // namespace

uint32_t vtcode_plugin_version(void) { return VTCODE_PLUGIN_ABI_VERSION; }

const char *vtcode_plugin_metadata(void) {
  return R"({"name":"unwinding","description":"Throws and catches","version":"1.0.0"})";
}

const char *vtcode_plugin_execute(const char *) {
  static std::string result;
  result = R"({"success":true,"output":)" + answer() + R"(,"error":null,"files":[]})";
  return result.c_str();
}
