#include "handles.h"

#include <io.h>
#include <stdlib.h>
#include <string.h>

#include "frames/frames.h"
#include "give-up.h"

struct handles handles;

/* The descriptor is free then, as it would be in any program. */
static HANDLE take(int descriptor) {
  HANDLE copy, process = GetCurrentProcess();
  HANDLE given = (HANDLE)_get_osfhandle(descriptor);
  if (!DuplicateHandle(process, given, process, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS)) give_up("there is no channel");
  _close(descriptor);
  return copy;
}

/*
 * Each C runtime that is loaded later reads descriptors from what the process was started with: a number of them, a byte
 * each, a handle each. Where it is 0 it has the three that the system knows of.
 */
static void keep_from_other_runtimes(void) {
  STARTUPINFOW start;
  GetStartupInfoW(&start);
  const int none = 0;
  if (start.cbReserved2 >= sizeof none) memcpy(start.lpReserved2, &none, sizeof none);
}

void take_handles(const char *control_block) {
  handles.requests = take(REQUESTS);
  handles.answers = take(ANSWERS);
  handles.control_block = (HANDLE)(uintptr_t)strtoull(control_block, NULL, 10);
  keep_from_other_runtimes();
}
