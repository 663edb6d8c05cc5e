#include "host-table.h"

#include <stdatomic.h>
#include <stdbool.h>

#include "control-block.h"
#include "channel.h"
#include "threads.h"

enum { TABLE_VERSION = 1 };
/* A report takes a fraction of a microsecond, a frame as long as the channel is full. */
enum { MOST_YIELDS = 100 };

/* What runs on one of the worker's threads. */
struct running {
  mutex lock;
  _Atomic uint64_t name; /* as the plugin has it; 0 while no call runs */
  _Atomic uint32_t call; /* as dlrpc has it */
  _Atomic int64_t deadline; /* in nanoseconds of the monotonic clock */
  uint64_t calls; /* how many there have been: no name comes twice */
};

/* By a name's remainder one finds the thread. */
static struct running threads[MOST_THREADS];
static _Atomic uint32_t thread_count;
static _Thread_local struct running *here;

static size_t longest_output;

static struct running *thread_of(uint64_t name) { return &threads[name % MOST_THREADS]; }

/* Without the lock, as in a signal handler: by the time one looks it may be over. */
static bool is_named(const struct running *running, uint64_t name) {
  return name != 0 && atomic_load(&running->name) == name;
}

/*
 * Threads that sleep for each other's reports and are woken at once again take the processor from other processes for
 * tenths of a second (Linux 6.18, in a session of their own): they let each other run instead, and sleep where that does not help.
 */
static void lock(struct running *running) {
  for (int yields = 0; yields < MOST_YIELDS; yields++) {
    if (try_to_lock_mutex(&running->lock)) return;
    let_others_run();
  }
  lock_mutex(&running->lock);
}

/*
 * Keeps the call from ending, and the thread from being cancelled in the middle of a frame, until `release`.
 * Returns NULL where it is over.
 */
static struct running *hold(uint64_t name, int *cancellation) {
  struct running *running = thread_of(name);
  if (!is_named(running, name)) return NULL; /* its lock may never have been made */
  put_off_cancellation(cancellation);
  lock(running);
  if (is_named(running, name)) return running;
  unlock_mutex(&running->lock);
  allow_cancellation(*cancellation);
  return NULL;
}

static void release(struct running *running, int cancellation) {
  unlock_mutex(&running->lock);
  allow_cancellation(cancellation);
}

static bool is_wanted(uint32_t call, uint32_t what) {
  return (flags_of(call)->wanted & what) != 0 && !is_to_stop(call);
}

static uint64_t current_call(void) { return here == NULL ? 0 : here->name; }

static void progress(uint64_t name, double done, double total, const char *message, size_t length) {
  int cancellation;
  struct running *running = hold(name, &cancellation);
  if (running == NULL) return;
  if (message == NULL) length = 0;
  if (is_wanted(running->call, WANTS_PROGRESS) && put_report(running->call, done, total, message, length))
    answer(PROGRESS, running->call, NULL, 0);
  release(running, cancellation);
}

static int output(uint64_t name, const char *json, size_t length) {
  int cancellation;
  struct running *running = hold(name, &cancellation);
  if (running == NULL) return 0;
  bool passes = json != NULL && length <= longest_output && is_wanted(running->call, WANTS_OUTPUT);
  if (passes) answer(OUTPUT, running->call, json, length);
  release(running, cancellation);
  return passes;
}

static void say(uint64_t name, uint32_t level, const char *text, size_t length) {
  int cancellation;
  struct running *running = hold(name, &cancellation);
  if (running == NULL) return;
  if (text != NULL && is_wanted(running->call, WANTS_LOG))
    answer_with(SAID, running->call, &level, sizeof level, text, length < LONGEST_TEXT ? length : LONGEST_TEXT);
  release(running, cancellation);
}

static int should_stop(uint64_t name) {
  const struct running *running = thread_of(name);
  uint32_t call = atomic_load(&running->call);
  return !is_named(running, name) || is_to_stop(call);
}

static int64_t remaining_ms(uint64_t name) {
  const struct running *running = thread_of(name);
  int64_t deadline = atomic_load(&running->deadline);
  if (!is_named(running, name)) return 0;
  if (deadline == INT64_MAX) return INT64_MAX;
  int64_t left = deadline - now();
  return left < 0 ? 0 : left / 1000000;
}

const struct host_table *offer_table(size_t longest) {
  static const struct host_table table = {
      .size = sizeof table,
      .version = TABLE_VERSION,
      .current_call = current_call,
      .progress = progress,
      .output = output,
      .log = say,
      .should_stop = should_stop,
      .remaining_ms = remaining_ms,
  };
  longest_output = longest;
  share_answers();
  return &table;
}

static struct running *begin_thread(void) {
  struct running *running = &threads[atomic_fetch_add(&thread_count, 1)];
  make_mutex(&running->lock);
  return running;
}

void name_call(uint32_t call) {
  if (here == NULL) here = begin_thread();
  uint32_t timeout_ms = flags_of(call)->timeout_ms;
  atomic_store(&here->call, call);
  int64_t deadline = timeout_ms == 0 ? INT64_MAX : now() + timeout_ms * INT64_C(1000000);
  atomic_store(&here->deadline, deadline);
  uint64_t name = ++here->calls * MOST_THREADS + (uint64_t)(here - threads);
  atomic_store(&here->name, name);
}

void forget_call(void) {
  lock_mutex(&here->lock);
  atomic_store(&here->name, 0);
  unlock_mutex(&here->lock);
}
