#include "entries.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { BLOCK_BYTES = 512, PATH_BYTES = 32 }; /* of statx(2), whatever the file system's are; of /proc/self/fd/N */

/* By number: before glibc 2.33 the older calls have other names, and musl does not have this one. */
int look_at(int directory, const char *name, struct entry *entry) {
  const unsigned wanted = STATX_TYPE | STATX_NLINK | STATX_BLOCKS;
  struct statx status;
  if (syscall(SYS_statx, directory, name, AT_SYMLINK_NOFOLLOW, wanted, &status) == -1) return errno;
  *entry = (struct entry){S_ISDIR(status.stx_mode), status.stx_blocks * BLOCK_BYTES, status.stx_nlink};
  return 0;
}

int take_hold(int directory, const char *name) {
  char path[PATH_BYTES];
  int named = openat(directory, name, O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);
  if (named == -1) return -1;
  snprintf(path, sizeof path, "/proc/self/fd/%d", named);
  chmod(path, S_IRWXU);
  return named;
}
