/* streaming: takes the table of dlrpc_plugin.h. What its input says: {"values":N} hands over N partial results of 100 bytes;
 * {"progress":true} reports once, with the time in the message; {"flood":N} and {"spin":N} have N threads report, or do
 * nothing else than ask, until the call is to stop. */
#define _GNU_SOURCE
#define DLRPC_PLUGIN_IMPLEMENTATION
#include "dlrpc_plugin.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { VALUE_BYTES = 100, MOST_THREADS = 64 };

static const char DONE[] = "{\"success\":true,\"output\":{},\"error\":null,\"files\":[]}";

uint32_t vtcode_plugin_version(void) { return VTCODE_PLUGIN_ABI_VERSION; }

const char *vtcode_plugin_metadata(void) {
  return "{\"name\":\"bench-streaming\",\"description\":\"Says much before it answers\",\"version\":\"1.0.0\"}";
}

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static long member(const char *context, const char *name) {
  const char *found = strstr(context, name);
  return found ? strtol(found + strlen(name), NULL, 10) : 0;
}

static void *report(void *call) {
  dlrpc_call mine = *(dlrpc_call *)call;
  for (double done = 0; !dlrpc_should_stop(mine); done++) dlrpc_progress(mine, done, 0, "on and on", 9);
  return NULL;
}

static void *spin(void *call) {
  while (!dlrpc_should_stop(*(dlrpc_call *)call)) continue;
  return NULL;
}

static void on_threads(dlrpc_call call, long count, void *(*run)(void *)) {
  pthread_t threads[MOST_THREADS];
  long started = 0;
  while (started < count && started < MOST_THREADS && !pthread_create(&threads[started], NULL, run, &call)) started++;
  while (started > 0) pthread_join(threads[--started], NULL);
}

const char *vtcode_plugin_execute(const char *context) {
  dlrpc_call call = dlrpc_current_call();
  char text[VALUE_BYTES + 1];
  if (strstr(context, "\"progress\":true")) {
    snprintf(text, sizeof text, "@%0*" PRId64, VALUE_BYTES - 1, now());
    dlrpc_progress(call, 1, 2, text, VALUE_BYTES);
  }
  memset(text, 'x', VALUE_BYTES);
  text[0] = text[VALUE_BYTES - 1] = '"';
  for (long left = member(context, "\"values\":"); left > 0; left--) dlrpc_output(call, text, VALUE_BYTES);
  on_threads(call, member(context, "\"flood\":"), report);
  on_threads(call, member(context, "\"spin\":"), spin);
  return DONE;
}
