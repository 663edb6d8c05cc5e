/* Loads a plugin as VT Code's own loader does, which knows nothing of dlrpc_plugin.h: version, metadata, calls.
 *
 * Usage: vtcode-loader LIBRARY CONTEXT... Prints the metadata and what each call returns, one line each. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>

static void *function(void *library, const char *name) {
  void *found = dlsym(library, name);
  if (!found) fprintf(stderr, "vtcode-loader: the library does not export %s\n", name);
  return found;
}

int main(int argc, char **argv) {
  void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
  if (!library) {
    fprintf(stderr, "vtcode-loader: %s\n", argc > 1 ? dlerror() : "give a library");
    return 1;
  }
  uint32_t (*version)(void);
  const char *(*metadata)(void);
  const char *(*execute)(const char *);
  void (*free_string)(const char *);
  if (!(*(void **)&version = function(library, "vtcode_plugin_version")) ||
      !(*(void **)&metadata = function(library, "vtcode_plugin_metadata")) ||
      !(*(void **)&execute = function(library, "vtcode_plugin_execute")) ||
      !(*(void **)&free_string = function(library, "vtcode_plugin_free_string")) || version() != 1)
    return 1;
  const char *text = metadata();
  puts(text);
  free_string(text);
  for (int i = 2; i < argc; i++) {
    text = execute(argv[i]);
    puts(text);
    free_string(text);
  }
}
