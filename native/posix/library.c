#include "library.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "floating-point.h"

static void say(const char *what, char *why) {
  strncpy(why, what, LONGEST_WHY - 1);
  why[LONGEST_WHY - 1] = '\0';
}

static void *open_here(const char *path, char *why) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  restore_floating_point(); /* constructors have run */
  if (library == NULL) say(dlerror(), why);
  return library;
}

/*
 * Plugins use libm without having been linked to it and load wherever the program has it, as one in Rust or C++ does. It is
 * opened for those only: its names would win over other plugins' own.
 */
static void *open_with_libm(const char *path, char *why) {
  void *library = open_here(path, why);
  if (library == NULL && strstr(why, "undefined symbol") != NULL && dlopen("libm.so.6", RTLD_NOW | RTLD_GLOBAL) != NULL)
    library = open_here(path, why); /* and says what it lacks beside that */
  return library;
}

/*
 * Opens it from a directory that holds nothing but numbers: what a library looks for by a relative path, its own or one of
 * those that it needs, is found nowhere. Its constructors run there, too.
 */
void *open_library(const char *path, char *why) {
  int home = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (home == -1) return open_with_libm(path, why); /* nor does the loader find anything in a directory that must not be searched */
  if (chdir("/proc/self/fdinfo") == -1 && chdir("/") == -1) {
    say(strerror(errno), why);
    return NULL;
  }
  void *library = open_with_libm(path, why);
  if (library != NULL && fchdir(home) == -1) {
    say("its constructors closed the descriptor of the working directory", why);
    library = NULL;
  }
  close(home);
  return library;
}

void *symbol_in(void *library, const char *name) { return dlsym(library, name); }
