/* Entries of a directory that a plugin has filled and may change meanwhile: by descriptors, so that no link leads out of it. */
#ifndef ENTRIES_H
#define ENTRIES_H

#include <stdbool.h>
#include <stdint.h>

struct entry {
  bool is_directory;
  uint64_t bytes; /* that take room, whatever the file system's blocks are */
  uint64_t names;
};

/* Returns 0 or an errno. */
int look_at(int directory, const char *name, struct entry *entry);

/* Opens a directory to name it, and lets its owner do everything with it. Returns -1 where it is none. */
int take_hold(int directory, const char *name);

#endif
