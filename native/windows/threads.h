/* Threads, locks and time. */
#ifndef THREADS_H
#define THREADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

typedef SRWLOCK mutex;
#define MUTEX_INITIALIZER SRWLOCK_INIT

static inline void make_mutex(mutex *lock) { InitializeSRWLock(lock); }
static inline void lock_mutex(mutex *lock) { AcquireSRWLockExclusive(lock); }
static inline bool try_to_lock_mutex(mutex *lock) { return TryAcquireSRWLockExclusive(lock); }
static inline void unlock_mutex(mutex *lock) { ReleaseSRWLockExclusive(lock); }

static inline void let_others_run(void) { SwitchToThread(); }

/* Threads cannot be cancelled: who ends another by force can rely on nothing afterwards. */
static inline void put_off_cancellation(int *before) { *before = 0; }
static inline void allow_cancellation(int before) { (void)before; }

/* In nanoseconds, from some time on. */
static inline int64_t now(void) {
  ULONGLONG hundreds;
  QueryUnbiasedInterruptTime(&hundreds);
  return (int64_t)hundreds * 100;
}

/* Starts so many threads, or as many as there can be. To be called once. */
void start_threads(size_t count, void (*run)(void));

/* Waits until they have returned. */
void wait_for_threads(void);

#endif
