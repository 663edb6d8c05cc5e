#include "threads.h"

#include <stdlib.h>

/* As much stack as main threads usually have: a plugin must not need to know on which thread it is called. */
enum { STACK_BYTES = 8 << 20 };

static void (*run_thread)(void);
static pthread_t *threads;
static size_t thread_count;

static void *begin(void *unused) {
  run_thread();
  return unused;
}

void start_threads(size_t count, void (*run)(void)) {
  if ((threads = calloc(count, sizeof *threads)) == NULL) return;
  run_thread = run;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  while (thread_count < count && pthread_create(&threads[thread_count], &attributes, begin, NULL) == 0) thread_count++;
  pthread_attr_destroy(&attributes);
}

void wait_for_threads(void) {
  while (thread_count > 0) pthread_join(threads[--thread_count], NULL);
}
