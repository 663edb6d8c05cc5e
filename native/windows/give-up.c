#include "give-up.h"

#include <stdio.h>
#include <stdlib.h>

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include "errors.h"

/* Nothing of the plugin runs any more: exit(3) waits for a lock that another of its threads may hold. */
_Noreturn void give_up(const char *what) {
  char why[1024];
  describe_error(GetLastError(), why, sizeof why);
  fprintf(stderr, "dlrpc's worker: %s: %s\n", what, why);
  TerminateProcess(GetCurrentProcess(), 1);
  abort(); /* not reached, which a compiler does not know */
}
