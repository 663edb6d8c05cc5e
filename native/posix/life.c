#include "life.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "frames/frames.h"

bool live_with(pid_t dlrpc) {
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  return getppid() == dlrpc; /* else it ended before the kernel knew that it should tell */
}

void settle(const char *name) {
  close(SHARED_END);
  close(PROGRAM);
  prctl(PR_SET_NAME, name, 0, 0, 0);
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); /* what the plugin leaves behind is dlrpc's to end, with this process */
}
