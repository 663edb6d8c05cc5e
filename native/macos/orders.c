#include "orders.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

/* Of libsandbox, without a public header; browsers confine their processes by it. A text in the place of a name takes no flag. */
int sandbox_init_with_parameters(const char *profile, uint64_t flags, const char *const parameters[], char **error);
void sandbox_free_error(char *error);

static int32_t limit(const char *payload) {
  uint64_t values[2]; /* the resource, the most */
  memcpy(values, payload, sizeof values);
  struct rlimit most = {.rlim_cur = values[1], .rlim_max = values[1]};
  return setrlimit((int)values[0], &most) == -1 ? errno : 0;
}

/* What is wrong with a profile it says in words only: they are for people, by way of dlrpc. */
static int32_t enter_sandbox(const char *profile) {
  const char *const none[] = {NULL};
  char *error = NULL;
  errno = 0;
  if (sandbox_init_with_parameters(profile, 0, none, &error) == 0) return 0;
  int32_t result = errno == 0 ? EINVAL : errno;
  fprintf(stderr, "dlrpc's worker: the sandbox: %s\n", error == NULL ? strerror(result) : error);
  if (error != NULL) sandbox_free_error(error);
  return result;
}

int32_t obey(const struct order *order, const char *payload) {
  switch (order->kind) {
    case LIMIT:
      return limit(payload);
    case SANDBOX:
      return enter_sandbox(payload);
    default:
      return ENOSYS;
  }
}
