#include "library.h"

#include <stdbool.h>
#include <stdio.h>
#include <wchar.h>

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include "errors.h"
#include "floating-point.h"

enum { LONGEST_PATH = 32768 };

#define PREFIX L"\\\\?\\"
#define UNC_PREFIX L"\\\\?\\UNC\\"

/*
 * What is longer than MAX_PATH the system takes with a prefix only, and such a path as it stands: with no slashes in it.
 * Returns the beginning of the path; before it there is room for the prefix.
 */
static wchar_t *lengthen(wchar_t *path) {
  if (wcslen(path) < MAX_PATH || wcsncmp(path, PREFIX, 4) == 0) return path;
  for (wchar_t *at = path; *at != L'\0'; at++)
    if (*at == L'/') *at = L'\\';
  bool is_unc = path[0] == L'\\' && path[1] == L'\\';
  if (is_unc) path += 2;
  const wchar_t *prefix = is_unc ? UNC_PREFIX : PREFIX;
  size_t length = wcslen(prefix);
  return wmemcpy(path - length, prefix, length);
}

/*
 * stdout of another C runtime than the worker's own, which is the newer one: a crash must not take what was printed along. Of
 * stderr Windows says so itself, and Wine does not do it.
 */
static void print_at_once(void) {
  HMODULE older = GetModuleHandleW(L"msvcrt.dll");
  if (older == NULL) return;
  FILE *(*streams)(void) = (FILE * (*)(void))(void *)GetProcAddress(older, "__iob_func");
  int (*buffer)(FILE *, char *, int, size_t) = (int (*)(FILE *, char *, int, size_t))(void *)GetProcAddress(older, "setvbuf");
  enum { STREAM_BYTES = 48, NOT_BUFFERED = 4 }; /* as of msvcrt.dll, which does not change any more */
  if (streams == NULL || buffer == NULL) return;
  for (int number = 1; number <= 2; number++)
    buffer((FILE *)((char *)streams() + number * STREAM_BYTES), NULL, NOT_BUFFERED, 0);
}

/* It finds what it needs beside itself and among the system's: SetDefaultDllDirectories has seen to all else. */
void *open_library(const char *path, char *why) {
  static wchar_t memory[LONGEST_PATH + 8];
  wchar_t *wide = memory + 8;
  if (MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, -1, wide, LONGEST_PATH) == 0) {
    describe_error(GetLastError(), why, LONGEST_WHY);
    return NULL;
  }
  const DWORD flags = LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_SYSTEM32 | LOAD_LIBRARY_SEARCH_USER_DIRS;
  HMODULE library = LoadLibraryExW(lengthen(wide), NULL, flags);
  DWORD error = GetLastError();
  restore_floating_point(); /* its DllMain has run */
  print_at_once();
  if (library == NULL) describe_error(error, why, LONGEST_WHY);
  return library;
}

void *symbol_in(void *library, const char *name) { return (void *)GetProcAddress(library, name); }
