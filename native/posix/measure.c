/*
 * Measures what a plugin has in a directory, which it may change meanwhile: by descriptors, so that no link leads out of
 * it. What the plugin has closed to itself is opened: nothing can be hidden there.
 */
#include "measure.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "entries.h"

static struct contents found;
static struct contents limit;

static _Bool is_past_limit(void) {
  return found.entries > limit.entries || found.bytes > limit.bytes || found.levels > limit.levels;
}

/* Of what has gone meanwhile, has become something else, or is closed again and again. */
static _Bool is_changing(int error) {
  return error == ENOENT || error == ENOTDIR || error == ELOOP || error == EACCES;
}

static int open_directory(int parent, const char *name) {
  return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int open_even_closed(int parent, const char *name) {
  int directory = open_directory(parent, name);
  if (directory != -1 || errno != EACCES) return directory;
  int named = take_hold(parent, name);
  if (named == -1) return -1;
  close(named);
  return open_directory(parent, name);
}

static uint64_t bytes_of(const struct entry *entry) {
  bool is_shared = !entry->is_directory && entry->names > 1;
  return is_shared ? entry->bytes / entry->names : entry->bytes;
}

static int measure_directory(int directory, uint64_t level);

static int measure_entry(int directory, const char *name, uint64_t level) {
  struct entry entry;
  int error = look_at(directory, name, &entry);
  if (error == EACCES) {
    fchmod(directory, S_IRWXU);
    error = look_at(directory, name, &entry);
  }
  if (error != 0) return error;
  found.bytes += bytes_of(&entry);
  if (!entry.is_directory) return 0;
  int inner = open_even_closed(directory, name);
  return inner == -1 ? errno : measure_directory(inner, level + 1);
}

/* Closes it, too. */
static int measure_directory(int directory, uint64_t level) {
  DIR *entries = fdopendir(directory);
  if (entries == NULL) {
    int error = errno;
    close(directory);
    return error;
  }
  if (found.levels < level) found.levels = level;
  int failure = 0;
  for (struct dirent *entry; failure == 0 && !is_past_limit() && (entry = readdir(entries)) != NULL;) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    found.entries++;
    int error = measure_entry(directory, entry->d_name, level);
    if (!is_changing(error)) failure = error;
  }
  closedir(entries);
  return failure;
}

int measure_contents(int directory, const struct contents *most) {
  limit = *most;
  int failure = measure_directory(directory, 0);
  if (failure != 0) return failure;
  return write(STDOUT_FILENO, &found, sizeof found) == sizeof found ? 0 : EIO;
}
