#include "life.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/event.h>
#include <unistd.h>

#include "give-up.h"

enum { STACK_BYTES = 64 * 1024 };

/* Also where the descriptor is gone: a plugin has closed all that there were, the pipes to dlrpc among them. */
static void *end_with(void *queue) {
  struct kevent end;
  kevent((int)(intptr_t)queue, NULL, 0, &end, 1, NULL); /* every signal is blocked: none interrupts it */
  kill(getpid(), SIGKILL);
  return NULL;
}

static void start_thread(int queue) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  pthread_sigmask(SIG_SETMASK, &all, &before); /* the plugin's signals are for its own threads */
  int error = pthread_create(&thread, &attributes, end_with, (void *)(intptr_t)queue);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  if (error != 0) give_up("there is no thread to see dlrpc's end");
}

/* The system has no signal for it: a thread waits. What has been asked for in time is told, also before it waits. */
bool live_with(pid_t dlrpc) {
  int queue = kqueue();
  if (queue == -1) give_up("dlrpc's end cannot be seen");
  struct kevent end;
  EV_SET(&end, (uintptr_t)dlrpc, EVFILT_PROC, EV_ADD | EV_ONESHOT, NOTE_EXIT, 0, NULL);
  if (kevent(queue, &end, 1, NULL, 0, NULL) == -1 && errno != ESRCH) give_up("dlrpc's end cannot be seen");
  if (getppid() != dlrpc) return false; /* it ended before */
  start_thread(queue);
  return true;
}

void settle(const char *name) { pthread_setname_np(name); }
