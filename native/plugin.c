#include "plugin.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "channel.h"
#include "floating-point.h"
#include "host-table.h"

enum { ABI_VERSION = 1 };
/* Of what the loader says. */
enum { LONGEST_WHY = 4096 };

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

/*
 * Passes on a string that the plugin returned, from where it is, and frees it (A5).
 * Returns false where it is not taken: *length is then that of a string that is too long, or 0 for a NULL pointer.
 */
static bool pass_on(const char *string, enum frame_kind kind, uint32_t call, uint64_t *length) {
  restore_floating_point();
  *length = string == NULL ? 0 : strlen(string);
  if (string == NULL) return false;
  bool fits = *length <= longest_string;
  if (fits) answer(kind, call, string, *length);
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

/* Where it does not open, `why` then holds the loader's words. */
static void *open_library(const char *path, char *why) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  restore_floating_point(); /* constructors have run */
  if (library == NULL) {
    strncpy(why, dlerror(), LONGEST_WHY - 1);
    why[LONGEST_WHY - 1] = '\0';
  }
  return library;
}

/*
 * Plugins use libm without having been linked to it and load wherever the program has it, as one in Rust or C++ does. It is
 * opened for those only: its names would win over other plugins' own.
 */
static void *open_plugin(const char *path) {
  char why[LONGEST_WHY];
  void *library = open_library(path, why);
  if (library == NULL && strstr(why, "undefined symbol") != NULL && dlopen("libm.so.6", RTLD_NOW | RTLD_GLOBAL) != NULL)
    library = open_library(path, why); /* and says what it lacks beside that */
  if (library == NULL) fail_to_open(why);
  return library;
}

/*
 * Opens it from a directory that holds nothing but numbers: what a library looks for by a relative path, its own or one of
 * those that it needs, is found nowhere. Its constructors run there, too.
 */
static void *open_elsewhere(const char *path) {
  int home = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (home == -1) return open_plugin(path); /* nor does the loader find anything in a directory that must not be searched */
  if (chdir("/proc/self/fdinfo") == -1 && chdir("/") == -1) {
    fail_to_open(strerror(errno));
    return NULL;
  }
  void *library = open_plugin(path);
  if (library != NULL && fchdir(home) == -1) {
    fail_to_open("its constructors closed the descriptor of the working directory");
    library = NULL;
  }
  close(home);
  return library;
}

/* @return a bit for each that is missing, from the lowest */
static uint64_t resolve(void *library) {
  *(void **)&plugin.version = dlsym(library, "vtcode_plugin_version");
  *(void **)&plugin.metadata = dlsym(library, "vtcode_plugin_metadata");
  *(void **)&plugin.execute = dlsym(library, "vtcode_plugin_execute");
  *(void **)&plugin.free_string = dlsym(library, "vtcode_plugin_free_string");
  *(void **)&plugin.attach = dlsym(library, "dlrpc_plugin_attach");
  return (uint64_t)(plugin.version == NULL) | (uint64_t)(plugin.metadata == NULL) << 1 |
         (uint64_t)(plugin.execute == NULL) << 2;
}

void load_plugin(const char *path) {
  void *library = open_elsewhere(path);
  if (library == NULL) return;
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
