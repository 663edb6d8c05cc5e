/* A program that does nothing until somebody ends it. */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

int main(void) {
  for (;;) Sleep(INFINITE);
}
