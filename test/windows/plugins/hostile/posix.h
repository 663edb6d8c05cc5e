/* What fixtures/hostile uses of POSIX and mingw-w64 has not, as far as Windows has the like of it. */
#ifndef POSIX_H
#define POSIX_H

#include <stdlib.h>
#include <string.h>

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

static inline int pause(void) {
    Sleep(INFINITE);
    return -1;
}
static inline char *strndup(const char *text, size_t length) {
    char *copy = calloc(length + 1, 1);
    return copy == NULL ? NULL : memcpy(copy, text, length);
}

#endif
