#include "errors.h"

#include <stdio.h>

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

enum { MOST_CHARACTERS = 512 };

static DWORD ask(DWORD error, DWORD language, wchar_t *words) {
  const DWORD flags = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK;
  return FormatMessageW(flags, NULL, error, language, words, MOST_CHARACTERS, NULL);
}

void describe_error(unsigned long error, char *text, size_t size) {
  wchar_t words[MOST_CHARACTERS];
  DWORD count = ask(error, MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US), words);
  if (count == 0) count = ask(error, LANG_NEUTRAL, words);
  while (count > 0 && words[count - 1] == L' ') count--;
  int length = snprintf(text, size, "error %lu%s", error, count > 0 ? ": " : "");
  int more = WideCharToMultiByte(CP_UTF8, 0, words, (int)count, text + length, (int)size - length - 1, NULL, NULL);
  text[length + more] = '\0';
}
