/* VT Code native plugin ABI, version 1: what a plugin exports. A plugin includes this header and defines the
 * functions below; it is built as a shared library named after plugin.json's "name" (rule A1: for my-plugin on Linux
 * libmy-plugin.so or libmy_plugin.so) and put into the same directory as plugin.json. */
#ifndef VTCODE_PLUGIN_H
#define VTCODE_PLUGIN_H

#include <stdint.h>

#define VTCODE_PLUGIN_ABI_VERSION 1u

#if defined(_WIN32)
#define VTCODE_PLUGIN_EXPORT __declspec(dllexport)
#else
#define VTCODE_PLUGIN_EXPORT __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Returns VTCODE_PLUGIN_ABI_VERSION. Called before any other function (rule A2). */
VTCODE_PLUGIN_EXPORT uint32_t vtcode_plugin_version(void);

/* Returns a JSON object, UTF-8, NUL-terminated: name, description and version (strings) are required; author,
 * when_to_use, when_not_to_use, allowed_tools and thread_safe are optional (rule A3), and so is abi_version (rule A2). */
VTCODE_PLUGIN_EXPORT const char *vtcode_plugin_metadata(void);

/* Gets {"input":{...},"workspace_root":"..."|null,"config":{...}} as NUL-terminated UTF-8, valid during the call only.
 * Returns {"success":bool,"output":{...},"error":string|null,"files":[string,...]} in the same form (rule A4).
 * Called from one thread at a time, unless the metadata says "thread_safe": true. */
VTCODE_PLUGIN_EXPORT const char *vtcode_plugin_execute(const char *input_json);

/* Optional. Called exactly once for every string that the two functions above returned, on the thread that made the
 * call (rule A5). Without it nothing is freed, and a returned string need stay valid only until the next call on that
 * thread (rule A6). */
VTCODE_PLUGIN_EXPORT void vtcode_plugin_free_string(const char *string);

#ifdef __cplusplus
}
#endif

#endif
