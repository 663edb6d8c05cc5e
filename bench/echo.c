/* echo: what every program of the benchmark calls. Answers with the input as it was given, or crashes if that asks. */
#define _GNU_SOURCE /* memrchr, clock_gettime */

#include "vtcode_plugin.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef THREAD_SAFE
#define REST ",\"thread_safe\":true}"
#else
#define REST "}"
#endif

static const char METADATA[] =
    "{\"name\":\"bench-echo\",\"description\":\"Answers with its input\",\"version\":\"1.0.0\"" REST;
static const char INPUT[] = "{\"input\":";
static const char INPUT_END[] = ",\"workspace_root\":";
static const char CRASH[] = "{\"crash\":true}";
static const char BEFORE[] = "{\"success\":true,\"output\":{\"echo\":";
static const char AFTER[] = "},\"error\":null,\"files\":[]}";

uint32_t vtcode_plugin_version(void) { return VTCODE_PLUGIN_ABI_VERSION; }

const char *vtcode_plugin_metadata(void) { return strdup(METADATA); }

/* Computes for 100 microseconds, where it is built for that. */
static void be_busy(void) {
#ifdef BUSY
  struct timespec begun, now;
  clock_gettime(CLOCK_MONOTONIC, &begun);
  do clock_gettime(CLOCK_MONOTONIC, &now);
  while ((now.tv_sec - begun.tv_sec) * 1000000000L + now.tv_nsec - begun.tv_nsec < 100000);
#endif
}

/* The context is {"input":…,"workspace_root":null,"config":{}}: the input ends before the last comma but one. */
const char *vtcode_plugin_execute(const char *context) {
  const char *input = context + sizeof INPUT - 1;
  const char *config = memrchr(input, ',', strlen(input));
  const char *end = config ? memrchr(input, ',', (size_t)(config - input)) : NULL;
  if (!end || strncmp(context, INPUT, sizeof INPUT - 1) != 0 || strncmp(end, INPUT_END, sizeof INPUT_END - 1) != 0) {
    return strdup("{\"success\":false,\"output\":{},\"error\":\"not the context that was expected\",\"files\":[]}");
  }
  if (strncmp(input, CRASH, sizeof CRASH - 1) == 0) raise(SIGSEGV);
  be_busy();
  const size_t before = sizeof BEFORE - 1, length = (size_t)(end - input);
  char *result = malloc(before + length + sizeof AFTER);
  if (!result) return NULL;
  memcpy(result, BEFORE, before);
  memcpy(result + before, input, length);
  memcpy(result + before + length, AFTER, sizeof AFTER);
  return result;
}

void vtcode_plugin_free_string(const char *string) { free((void *)string); }
