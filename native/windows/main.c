/*
 * The worker of dlrpc on Windows: loads one plugin and runs its calls, one frame in, one frame out. It needs the system's C
 * runtime and exports nothing. Its arguments: how long a plugin's string may be, and the number of the control block's
 * handle. It belongs to a job of dlrpc's, with which it ends, and what the plugin has started with it.
 */
#include <stdio.h>
#include <stdlib.h>

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include "calls.h"
#include "give-up.h"
#include "handles.h"
#include "plugin.h"

/* Nobody is there to close a window, and the process would wait for that. Its status says how it has ended. */
static void open_no_windows(void) {
  SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
}

/* Without the directory where whoever started dlrpc was, nor those of PATH. */
static void search_system_only(void) {
  if (!SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32 | LOAD_LIBRARY_SEARCH_USER_DIRS))
    give_up("the search for libraries cannot be restricted");
}

int main(int count, char **arguments) {
  if (count != 3) {
    fputs("This is a part of dlrpc, which starts it.\n", stderr);
    return 2;
  }
  open_no_windows();
  search_system_only();
  take_handles(arguments[2]);
  setvbuf(stdout, NULL, _IONBF, 0); /* a pipe; a crash must not take what was printed along */
  set_longest_string(strtoull(arguments[1], NULL, 10));
  serve_frames();
  return 0; /* runs what the plugin has to do at its end */
}
