/* What the plugins of this suite share: reading their input, which needs no parser as transcripts write it, and writing
 * results.
 *
 * Strings are read from the context by searching for `"name":"`, up to the next quote and without escapes, so a
 * transcript gives `do` and its operands before anything that could look like them. */
#ifndef INPUT_H
#define INPUT_H

#include "system.h"

#include <stdarg.h>

#define PATH_SIZE 4096

static inline char *format(const char *form, ...) {
    char *text;
    va_list values;
    va_start(values, form);
    if (vasprintf(&text, form, values) < 0) abort();
    va_end(values);
    return text;
}

#define RESULT(output) "{\"success\":true,\"output\":" output ",\"error\":null,\"files\":[]}"

static inline const char *operand(const char *context, const char *name) {
    char key[64];
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *found = strstr(context, key);
    return found == NULL ? NULL : found + strlen(key);
}

/* @returns whether there is such a string; it is then in `value` */
static inline int text_operand(const char *context, const char *name, char value[PATH_SIZE]) {
    const char *found = operand(context, name);
    return found != NULL && sscanf(found, "\"%4095[^\"]\"", value) == 1;
}

static inline long number_operand(const char *context, const char *name, long otherwise) {
    const char *found = operand(context, name);
    return found == NULL ? otherwise : strtol(found, NULL, 10);
}

/* Text as a JSON string; what is in it is printable, as paths are. The caller frees it. */
static inline char *json_string(const char *text) {
    char *json = malloc(2 * strlen(text) + 3), *end = json;
    if (json == NULL) abort();
    *end++ = '"';
    for (; *text != '\0'; *end++ = *text++)
        if (*text == '"' || *text == '\\') *end++ = '\\';
    memcpy(end, "\"", 2);
    return json;
}

/* Adds a byte to a file, which is made where it is not there. */
static inline void append_byte(const char *path) {
    int descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (descriptor < 0 || write(descriptor, "x", 1) != 1) abort();
    close(descriptor);
}

#endif
