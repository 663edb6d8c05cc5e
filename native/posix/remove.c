/*
 * Empties a directory that a plugin has filled: by descriptors, so that no link leads out of it and no path is too long.
 * What is in its directories is moved up into it, and so removed in turn: however deep they are, two are open at a time,
 * and what is remembered is a number.
 */
#include "remove.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "entries.h"

enum { NAME_BYTES = 32 };

/* Does something to an entry of `directory`. Returns 0 or an errno. */
typedef int (*action)(int top, int directory, const char *name);

/* Tells every entry. Returns 0 or the last errno, and in `done` for how many it was 0. */
static int for_each(int top, int directory, action act, size_t *done) {
  *done = 0;
  int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *entries = copy == -1 ? NULL : fdopendir(copy);
  if (entries == NULL) return errno;
  int failure = 0;
  for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    int error = act(top, directory, entry->d_name);
    if (error == 0) ++*done;
    else failure = error;
  }
  closedir(entries);
  return failure;
}

static int remove_plain(int directory, const char *name) {
  if (unlinkat(directory, name, 0) == 0) return 0;
  if (errno != EISDIR && errno != EPERM) return errno; /* what POSIX and Linux say of a directory */
  return unlinkat(directory, name, AT_REMOVEDIR) == 0 ? 0 : errno;
}

static _Bool is_full(int error) { return error == ENOTEMPTY || error == EEXIST; }

static int move_up(int top, int directory, const char *name) {
  static unsigned long moved;
  char free_name[NAME_BYTES];
  for (;;) {
    snprintf(free_name, sizeof free_name, "%lu", moved++);
    if (renameat(directory, name, top, free_name) == 0) return 0;
    if (!is_full(errno) && errno != ENOTDIR) return errno; /* else there is something of that name */
  }
}

static int remove_or_move_up(int top, int directory, const char *name) {
  int error = remove_plain(directory, name);
  if (!is_full(error)) return error;
  int named = take_hold(directory, name); /* to be moved it must be writable itself */
  if (named != -1) close(named);
  return move_up(top, directory, name);
}

static int remove_entry(int top, int directory, const char *name) {
  int error = remove_plain(directory, name);
  if (!is_full(error)) return error;
  int named = take_hold(directory, name);
  if (named == -1) return errno;
  size_t done;
  error = for_each(top, named, remove_or_move_up, &done);
  close(named);
  if (error == 0 || done > 0) unlinkat(top, name, AT_REMOVEDIR); /* where it is not empty yet, its turn comes again */
  return done > 0 ? 0 : error;
}

int empty_directory(int directory) {
  fchmod(directory, S_IRWXU);
  int failure;
  size_t done;
  do failure = for_each(directory, directory, remove_entry, &done);
  while (done > 0);
  return failure;
}
