#include "entries.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

enum { BLOCK_BYTES = 512 }; /* of stat(2), whatever the file system's are */

int look_at(int directory, const char *name, struct entry *entry) {
  struct stat status;
  if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == -1) return errno;
  *entry = (struct entry){S_ISDIR(status.st_mode), (uint64_t)status.st_blocks * BLOCK_BYTES, status.st_nlink};
  return 0;
}

/* What is put in its place in between has its mode changed instead: a plugin may change that of what it may put there. */
int take_hold(int directory, const char *name) {
  struct entry entry;
  int error = look_at(directory, name, &entry);
  if (error == 0 && !entry.is_directory) error = ENOTDIR;
  if (error == 0 && fchmodat(directory, name, S_IRWXU, AT_SYMLINK_NOFOLLOW) == -1) error = errno;
  errno = error;
  return error == 0 ? openat(directory, name, O_RDONLY | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC) : -1;
}
