/* Threads, locks and time. */
#ifndef THREADS_H
#define THREADS_H

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

typedef pthread_mutex_t mutex;
#define MUTEX_INITIALIZER PTHREAD_MUTEX_INITIALIZER

static inline void make_mutex(mutex *lock) { pthread_mutex_init(lock, NULL); }
static inline void lock_mutex(mutex *lock) { pthread_mutex_lock(lock); }
static inline bool try_to_lock_mutex(mutex *lock) { return pthread_mutex_trylock(lock) == 0; }
static inline void unlock_mutex(mutex *lock) { pthread_mutex_unlock(lock); }

static inline void let_others_run(void) { sched_yield(); }

/* Nobody cancels the thread in the middle of what comes, until `allow_cancellation`. */
static inline void put_off_cancellation(int *before) { pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, before); }
static inline void allow_cancellation(int before) { pthread_setcancelstate(before, NULL); }

/* In nanoseconds, from some time on. */
static inline int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

/* Starts so many threads, or as many as there can be. To be called once. */
void start_threads(size_t count, void (*run)(void));

/* Waits until they have returned. */
void wait_for_threads(void);

#endif
