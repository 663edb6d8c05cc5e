/* The plugin: its library, its functions (vtcode_plugin.h), and what they return. */
#ifndef PLUGIN_H
#define PLUGIN_H

#include <stddef.h>
#include <stdint.h>

/* Longer strings of the plugin are freed and not passed on. */
void set_longest_string(size_t bytes);

/* Loads the library at `path` and answers LOADED or FAILED. */
void load_plugin(const char *path);

/* Runs the call that was sent under this number and answers RESULT or NO_RESULT. `context` is valid until it returns. */
void execute_plugin(uint32_t call, const char *context);

#endif
