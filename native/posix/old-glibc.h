/*
 * Names the oldest versions of what the worker takes from glibc, so that what is built on a new system runs from 2.28 on,
 * where some of it was in libraries of their own. Included before everything else (-include) where that is meant.
 */
#if defined(__x86_64__)
#define OLDEST "GLIBC_2.2.5"
#elif defined(__aarch64__)
#define OLDEST "GLIBC_2.17"
#endif
#define TAKE_OLDEST(name) __asm__(".symver " #name "," #name "@" OLDEST)

TAKE_OLDEST(__libc_start_main);
TAKE_OLDEST(dlerror);
TAKE_OLDEST(dlopen);
TAKE_OLDEST(dlsym);
TAKE_OLDEST(pthread_attr_setstacksize);
TAKE_OLDEST(pthread_create);
TAKE_OLDEST(pthread_join);
TAKE_OLDEST(pthread_mutex_trylock);
#if defined(__x86_64__)
TAKE_OLDEST(memcpy);
#endif
