#include "plugin.h"

#include <stdbool.h>
#include <string.h>

#include "channel.h"
#include "floating-point.h"
#include "host-table.h"
#include "library.h"
#include "shared-buffer.h"

enum { ABI_VERSION = 1 };

static struct {
  uint32_t (*version)(void);
  const char *(*metadata)(void);
  const char *(*execute)(const char *);
  void (*free_string)(const char *);
  void (*attach)(const struct host_table *); /* dlrpc_plugin.h */
} plugin;

static size_t longest_string;

void set_longest_string(size_t bytes) { longest_string = bytes; }

static void fail(enum failure_reason reason, uint64_t value) {
  struct failure failure = {.reason = reason, .value = value};
  answer(FAILED, 0, &failure, sizeof failure);
}

static void fail_to_open(const char *why) {
  struct {
    struct failure failure;
    char text[LONGEST_WHY];
  } said = {.failure = {.reason = NOT_OPENED}};
  size_t length = strnlen(why, LONGEST_WHY);
  memcpy(said.text, why, length);
  answer(FAILED, 0, &said, sizeof said.failure + length);
}

static void answer_string(enum frame_kind kind, uint32_t call, const char *string, size_t length) {
  uint32_t bytes = (uint32_t)length;
  if (kind == RESULT && put_in_shared_buffer(string, length)) answer(RESULT_SHARED, call, &bytes, sizeof bytes);
  else answer(kind, call, string, length);
}

/*
 * Passes on a string that the plugin returned, from where it is, and frees it (A5).
 * Returns false where it is not taken: *length is then that of a string that is too long, or 0 for a NULL pointer.
 */
static bool pass_on(const char *string, enum frame_kind kind, uint32_t call, uint64_t *length) {
  restore_floating_point();
  *length = string == NULL ? 0 : strlen(string);
  if (string == NULL) return false;
  bool fits = *length <= longest_string;
  if (fits) answer_string(kind, call, string, *length);
  if (plugin.free_string != NULL) {
    plugin.free_string(string);
    restore_floating_point();
  }
  return fits;
}

void execute_plugin(uint32_t call, const char *context) {
  if (plugin.attach != NULL) name_call(call);
  const char *result = plugin.execute(context);
  if (plugin.attach != NULL) forget_call();
  uint64_t length;
  if (!pass_on(result, RESULT, call, &length)) answer(NO_RESULT, call, &length, sizeof length);
}

/* @return a bit for each that is missing, from the lowest */
static uint64_t resolve(void *library) {
  *(void **)&plugin.version = symbol_in(library, "vtcode_plugin_version");
  *(void **)&plugin.metadata = symbol_in(library, "vtcode_plugin_metadata");
  *(void **)&plugin.execute = symbol_in(library, "vtcode_plugin_execute");
  *(void **)&plugin.free_string = symbol_in(library, "vtcode_plugin_free_string");
  *(void **)&plugin.attach = symbol_in(library, "dlrpc_plugin_attach");
  return (uint64_t)(plugin.version == NULL) | (uint64_t)(plugin.metadata == NULL) << 1 |
         (uint64_t)(plugin.execute == NULL) << 2;
}

void load_plugin(const char *path) {
  char why[LONGEST_WHY];
  void *library = open_library(path, why);
  if (library == NULL) return fail_to_open(why);
  uint64_t missing = resolve(library);
  if (missing != 0) return fail(SYMBOLS_MISSING, missing);
  uint32_t version = plugin.version();
  restore_floating_point();
  if (version != ABI_VERSION) return fail(OTHER_VERSION, version);
  if (plugin.attach != NULL) {
    plugin.attach(offer_table(longest_string));
    restore_floating_point();
  }
  uint64_t length;
  if (!pass_on(plugin.metadata(), LOADED, plugin.attach != NULL, &length)) fail(NO_METADATA, length);
}
