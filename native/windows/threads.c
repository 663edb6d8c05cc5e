#include "threads.h"

#include <stdlib.h>

/* As much stack as the main thread has: a plugin must not need to know on which thread it is called. */
enum { STACK_BYTES = 8 << 20 };

static void (*run_thread)(void);
static HANDLE *threads;
static size_t thread_count;

static DWORD WINAPI begin(void *unused) {
  (void)unused;
  run_thread();
  return 0;
}

void start_threads(size_t count, void (*run)(void)) {
  if ((threads = calloc(count, sizeof *threads)) == NULL) return;
  run_thread = run;
  for (; thread_count < count; thread_count++) {
    threads[thread_count] = CreateThread(NULL, STACK_BYTES, begin, NULL, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
    if (threads[thread_count] == NULL) return;
  }
}

void wait_for_threads(void) {
  while (thread_count > 0) WaitForSingleObject(threads[--thread_count], INFINITE);
}
