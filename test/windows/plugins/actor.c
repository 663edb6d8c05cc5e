/*
 * Does what a call asks for: "do":"…" in its input. Compiled for both C runtimes that programs for Windows have. With
 * ATTACH it takes dlrpc's table; other names stand for what is wrong with a library (at the end).
 */
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#ifdef ATTACH
#define DLRPC_PLUGIN_IMPLEMENTATION
#include "dlrpc_plugin.h"
#else
#include "vtcode_plugin.h"
#endif

enum { LARGE = 8 << 20, MANY = 4 };

static volatile LONG inside;

#ifdef _UCRT
static void ignore(const wchar_t *a, const wchar_t *b, const wchar_t *c, unsigned d, uintptr_t e) {
  (void)a, (void)b, (void)c, (void)d, (void)e;
}
#endif

static char *answer(const char *format, const char *text) {
  size_t room = strlen(format) + strlen(text) + 1;
  char *result = malloc(room);
  snprintf(result, room, format, text);
  return result;
}

static char *ok(const char *text) {
  return answer("{\"success\":true,\"output\":{\"said\":\"%s\"},\"error\":null,\"files\":[]}", text);
}

static char *large(void) {
  char *text = malloc(LARGE + 1);
  memset(text, 'x', LARGE);
  text[LARGE] = '\0';
  char *result = ok(text);
  free(text);
  return result;
}

static char *divide(volatile int by) {
  char said[32];
  snprintf(said, sizeof said, "%d", 1000 / by);
  return ok(said);
}

/* Both write where the channel was, by its number; what is not open may end the process, unless somebody takes care. */
static char *write_to_channel(void) {
  char said[32];
#ifdef _UCRT
  _set_invalid_parameter_handler(ignore);
#endif
  STARTUPINFOA start;
  GetStartupInfoA(&start);
  int listed = start.cbReserved2 > 0 ? start.lpReserved2[0] : 0; /* for runtimes that are loaded later */
  int third = _write(3, "x", 1), fourth = _write(4, "x", 1);
  snprintf(said, sizeof said, "%d %d %d", third, fourth, listed);
  return ok(said);
}

static char *print(void) {
  printf("printed by %s\n", RUNTIME);
  fprintf(stderr, "complained by %s\n", RUNTIME);
  _write(1, "written\n", 8);
  DWORD count;
  WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), "handed over\n", 12, &count, NULL);
  int end = getchar(); /* from NUL */
  return ok(end == EOF ? "at the end" : "something came");
}

static char *print_by_both(void) {
  HMODULE older = LoadLibraryExW(L"msvcrt.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
  int (*put)(const char *) = (int (*)(const char *))(void *)GetProcAddress(older, "puts");
  int (*flush)(FILE *) = (int (*)(FILE *))(void *)GetProcAddress(older, "fflush");
  puts("by one");
  put("by the other");
  flush(NULL);
  puts("by one");
  return ok("printed");
}

/* A process of its own, which outlives its parent unless somebody ends it. */
static char *start_another(void) {
  char said[32];
  char command[] = "Z:\\work\\plugins\\idle.exe";
  STARTUPINFOA start = {.cb = sizeof start};
  PROCESS_INFORMATION process;
  if (!CreateProcessA(NULL, command, NULL, NULL, FALSE, DETACHED_PROCESS, NULL, NULL, &start, &process))
    snprintf(said, sizeof said, "error %lu", GetLastError());
  else
    snprintf(said, sizeof said, "%lu", process.dwProcessId);
  return ok(said);
}

static char *find(const char *name) {
  HMODULE found = LoadLibraryA(name);
  return ok(found == NULL ? "not found" : "found");
}

static char *meet(void) {
  InterlockedIncrement(&inside);
  while (inside < MANY) SwitchToThread();
  return ok("met");
}

static DWORD WINAPI work_on(void *unused) {
  while (unused == NULL) SwitchToThread();
  return 0;
}

#ifdef ATTACH
static char *report(void) {
  dlrpc_call call = dlrpc_current_call();
  dlrpc_progress(call, 1, 2, "half", 4);
  int passes = dlrpc_output(call, "\"part\"", 6);
  dlrpc_log(call, DLRPC_WARN, "look out", 8);
  int64_t left = dlrpc_remaining_ms(call);
  return ok(passes && left > 0 && left <= 60000 ? "told" : "not told");
}

static char *stop(void) {
  dlrpc_call call = dlrpc_current_call();
  dlrpc_output(call, "\"begun\"", 7);
  while (!dlrpc_should_stop(call)) SwitchToThread();
  return ok("stopped");
}
#endif

static const char *act(const char *input) {
  const char *what = strstr(input, "\"do\":\"");
  if (what == NULL) return answer("%s", input);
  what += 6;
#define ASKED(name) (strncmp(what, name "\"", sizeof name) == 0)
  if (ASKED("print")) return print();
  if (ASKED("print by both")) return print_by_both();
  if (ASKED("write to channel")) return write_to_channel();
  if (ASKED("large")) return large();
  if (ASKED("nothing")) return NULL;
  if (ASKED("say and fall")) fputs("about to fall\n", stderr), *(volatile int *)16 = 1;
  if (ASKED("access")) *(volatile int *)16 = 1;
  if (ASKED("illegal")) __builtin_trap();
  if (ASKED("divide")) return divide(0);
  if (ASKED("raise")) RaiseException(0xE0DDBA11, EXCEPTION_NONCONTINUABLE, 0, NULL);
  if (ASKED("abort")) abort();
  if (ASKED("exit")) exit(7);
  if (ASKED("end thread")) ExitThread(5);
  if (ASKED("hang")) for (;;) Sleep(INFINITE);
  if (ASKED("start")) return start_another();
  if (ASKED("find cwd")) return find("only-in-cwd.dll");
  if (ASKED("find path")) return find("only-in-path.dll");
  if (ASKED("meet")) return meet();
  if (ASKED("work on")) { CloseHandle(CreateThread(NULL, 0, work_on, NULL, 0, NULL)); return ok("on"); }
#ifdef ATTACH
  if (ASKED("report")) return report();
  if (ASKED("stop")) return stop();
#endif
  return ok("what?");
}

#ifndef NO_EXPORTS
uint32_t vtcode_plugin_version(void) {
#ifdef OTHER_VERSION
  return 7;
#else
  return VTCODE_PLUGIN_ABI_VERSION;
#endif
}

const char *vtcode_plugin_metadata(void) {
#ifdef NO_METADATA
  return NULL;
#else
  return answer("{\"name\":\"actor\",\"description\":\"by %s\",\"version\":\"1.0.0\"}", RUNTIME);
#endif
}

const char *vtcode_plugin_execute(const char *input) { return act(input); }

void vtcode_plugin_free_string(const char *string) { free((void *)string); }
#else
__declspec(dllexport) const char *something_else(const char *input) { return act(input); }
#endif

#ifdef NEEDS
__declspec(dllimport) int needed(void);
int (*use)(void) = needed;
#endif

BOOL WINAPI DllMain(HINSTANCE library, DWORD reason, void *reserved) {
  (void)library, (void)reserved;
  if (reason == DLL_PROCESS_DETACH) {
    fputs("detached\n", stderr);
    return TRUE;
  }
  if (reason != DLL_PROCESS_ATTACH) return TRUE;
#if defined(FAILS_TO_START)
  return FALSE;
#elif defined(HANGS_AT_START)
  fputs("attaching\n", stderr);
  for (;;) Sleep(INFINITE);
#elif defined(CRASHES_AT_START)
  *(volatile int *)16 = 1;
#endif
  return TRUE;
}
