/* What a worker compiled with -finstrument-functions calls at the beginning and the end of each of its functions. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

extern const char __executable_start; /* of the linker: what addresses in the program's file are counted from */

static __thread int depth;

__attribute__((no_instrument_function)) static void note(const char *what, void *function) {
  char line[64];
  int length = snprintf(line, sizeof line, "%s %zx %d\n", what, (uintptr_t)function - (uintptr_t)&__executable_start, depth);
  int file = open(NOTES, O_WRONLY | O_APPEND | O_CLOEXEC); /* anew: the worker closes what it does not know */
  if (file < 0 || write(file, line, (size_t)length) != length) _exit(1);
  close(file);
}

__attribute__((no_instrument_function)) void __cyg_profile_func_enter(void *function, void *caller) {
  (void)caller;
  depth++;
  note("entered", function);
}

__attribute__((no_instrument_function)) void __cyg_profile_func_exit(void *function, void *caller) {
  (void)caller;
  note("left", function);
  depth--;
}
