#include "pipes.h"

#include <string.h>

#include "give-up.h"
#include "handles.h"

/* There is no gathering write to a pipe: what is small is copied together first. */
enum { TOGETHER_BYTES = 16 * 1024 };
enum { MOST_AT_ONCE = 1 << 30 };

size_t read_requests(void *target, size_t most) {
  DWORD count = 0;
  while (count == 0) { /* so many bytes were written, and that is no end */
    if (ReadFile(handles.requests, target, most < MOST_AT_ONCE ? (DWORD)most : MOST_AT_ONCE, &count, NULL)) continue;
    if (GetLastError() == ERROR_BROKEN_PIPE) return 0;
    give_up("the channel cannot be read");
  }
  return count;
}

/* One cannot wait for a pipe for a time: what is not there yet is not waited for. */
bool requests_come_soon(void) {
  DWORD available = 0;
  return !PeekNamedPipe(handles.requests, NULL, 0, NULL, &available, NULL) || available > 0;
}

static void write_all(const char *start, size_t length) {
  while (length > 0) {
    DWORD count;
    if (!WriteFile(handles.answers, start, length < MOST_AT_ONCE ? (DWORD)length : MOST_AT_ONCE, &count, NULL))
      give_up("the channel cannot be written");
    start += count;
    length -= count;
  }
}

void write_answers(const struct piece *pieces) {
  static char together[TOGETHER_BYTES]; /* one thread writes at a time */
  size_t filled = 0;
  for (int i = 0; i < PIECES; i++) {
    if (pieces[i].length > TOGETHER_BYTES - filled) {
      write_all(together, filled);
      filled = 0;
    }
    if (pieces[i].length > TOGETHER_BYTES) {
      write_all(pieces[i].start, pieces[i].length);
    } else if (pieces[i].length > 0) {
      memcpy(together + filled, pieces[i].start, pieces[i].length);
      filled += pieces[i].length;
    }
  }
  write_all(together, filled);
}
