#include "orders.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The same number on every architecture, and not in the headers of older systems. */
enum { SYS_LANDLOCK_RESTRICT_SELF = 446 };

static int result_of(long returned) { return returned == -1 ? errno : 0; }

/* EPERM where the process had no right to: then it has nothing to get a capability back by. */
static int drop_capabilities(void) {
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) != -1; capability++)
    prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct none[2] = {{0}};
  return result_of(syscall(SYS_capset, &header, none));
}

static int restrict_by_landlock(const char *payload) {
  uint64_t flags;
  memcpy(&flags, payload, sizeof flags);
  int result = result_of(syscall(SYS_LANDLOCK_RESTRICT_SELF, RULESET, flags));
  close(RULESET);
  return result;
}

static int limit(const char *payload) {
  uint64_t values[2]; /* the resource, the most */
  memcpy(values, payload, sizeof values);
  struct rlimit most = {.rlim_cur = values[1], .rlim_max = values[1]};
  return result_of(setrlimit((int)values[0], &most));
}

/* By some flags it makes a listener, whose descriptor it returns. */
static int filter_system_calls(const char *payload, size_t length) {
  uint64_t flags;
  memcpy(&flags, payload, sizeof flags);
  struct sock_fprog program = {
      .len = (unsigned short)((length - sizeof flags) / sizeof(struct sock_filter)),
      .filter = (struct sock_filter *)(payload + sizeof flags),
  };
  int listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
  if (listener <= 0) return result_of(listener);
  int result = dup3(listener, LISTENER, O_CLOEXEC) == -1 ? errno : 0;
  close(listener);
  return result;
}

int32_t obey(const struct order *order, const char *payload) {
  switch (order->kind) {
    case NO_NEW_PRIVILEGES:
      return result_of(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    case NO_CAPABILITIES:
      return drop_capabilities();
    case LANDLOCK:
      return restrict_by_landlock(payload);
    case LIMIT:
      return limit(payload);
    case SYSTEM_CALLS:
      return filter_system_calls(payload, order->length);
    case FORGET_LISTENER:
      return result_of(close(LISTENER));
    default:
      return ENOSYS;
  }
}
