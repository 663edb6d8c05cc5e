#include "library.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "floating-point.h"

/* Of libpthread, without a public header: the working directory of this thread alone. */
int pthread_chdir_np(const char *path);
int pthread_fchdir_np(int directory); /* -1: the process's again */

static void *say(const char *what, char *why) {
  strncpy(why, what, LONGEST_WHY - 1);
  why[LONGEST_WHY - 1] = '\0';
  return NULL;
}

/* Where nobody but the system puts anything. */
static bool leave_working_directory(void) {
  return pthread_chdir_np("/var/empty") == 0 || pthread_chdir_np("/") == 0;
}

/* What a library looks for by a relative path, its own or one of those that it needs, is found nowhere. */
void *open_library(const char *path, char *why) {
  if (!leave_working_directory()) return say(strerror(errno), why);
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_FIRST);
  restore_floating_point(); /* constructors have run */
  if (library == NULL) say(dlerror(), why);
  if (pthread_fchdir_np(-1) == -1) return say("its constructors changed the thread's working directory", why);
  return library;
}

/* By RTLD_FIRST in this library alone, and not in those that it needs. */
void *symbol_in(void *library, const char *name) { return dlsym(library, name); }
