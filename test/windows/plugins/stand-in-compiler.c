/*
 * What build.cmd runs, in the place of a compiler: Debian has none that runs on Windows. It writes its arguments into a file,
 * and what it makes is a copy of a library that another has made: %STAND_IN%. Without that it fails.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

int main(int count, char **arguments) {
  const char *output = NULL, *library = getenv("STAND_IN");
  FILE *said = fopen("arguments.txt", "w");
  if (said == NULL) return 3;
  for (int i = 0; i < count; i++) {
    fprintf(said, "%s\n", arguments[i]);
    if (strncmp(arguments[i], "/OUT:", 5) == 0) output = arguments[i] + 5;
    if (strcmp(arguments[i], "-o") == 0 && i + 1 < count) output = arguments[i + 1];
  }
  fclose(said);
  if (library == NULL) return 2;
  return output != NULL && CopyFileA(library, output, FALSE) ? 0 : 1;
}
