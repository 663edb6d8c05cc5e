/*
 * The worker of dlrpc: loads one plugin and runs its calls, one frame in, one frame out. It needs the C library and
 * exports nothing, so that a plugin finds here what it would find in any program in C. Its arguments: a title for ps(1),
 * the plugin's name, the number of dlrpc's process, and how long a plugin's string may be. With a title and that number
 * alone it empties the directory that it has open, and ends with 0 or an errno as its status; with the most entries, bytes
 * and levels as well it measures that directory.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "calls.h"
#include "frames/frames.h"
#include "life.h"
#include "measure.h"
#include "plugin.h"
#include "remove.h"

enum { LEAST_STACK_BYTES = 8 << 20 };

/* The limit of whoever started dlrpc may be meant for others. */
static void have_enough_stack(void) {
  struct rlimit stack;
  if (getrlimit(RLIMIT_STACK, &stack) == -1 || stack.rlim_cur >= LEAST_STACK_BYTES) return;
  stack.rlim_cur = stack.rlim_max < LEAST_STACK_BYTES ? stack.rlim_max : LEAST_STACK_BYTES;
  setrlimit(RLIMIT_STACK, &stack);
}

static int measure(char **most) {
  struct contents limits = {strtoull(most[0], NULL, 10), strtoull(most[1], NULL, 10), strtoull(most[2], NULL, 10)};
  return measure_contents(DIRECTORY, &limits);
}

int main(int count, char **arguments) {
  if (count == 2) return live_with(atoi(arguments[1])) ? empty_directory(DIRECTORY) : 0;
  if (count == 5) return live_with(atoi(arguments[1])) ? measure(arguments + 2) : 0;
  if (count != 4) {
    fputs("This is a part of dlrpc, which starts it.\n", stderr);
    return 2;
  }
  if (!live_with(atoi(arguments[2]))) return 0;
  settle(arguments[1]);
  signal(SIGPIPE, SIG_IGN);         /* as in programs that load plugins: what nobody reads is an error */
  setvbuf(stdout, NULL, _IOLBF, 0); /* a pipe; a crash must not take the lines before it along */
  have_enough_stack();
  for (int file = REQUESTS; file <= LIBRARY; file++) fcntl(file, F_SETFD, FD_CLOEXEC);
  set_longest_string(strtoull(arguments[3], NULL, 10));
  serve_frames();
  return 0; /* runs what the plugin has to do at its end */
}
