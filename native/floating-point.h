/*
 * The floating-point environment as a program finds it at its start: rounding, flushing to zero and traps that a plugin
 * leaves behind would be the next call's. fesetenv(3) does the same, but is in libm, whose names would then win over a
 * plugin's own; so it serves only where the instructions are not known here.
 */
#ifndef FLOATING_POINT_H
#define FLOATING_POINT_H

#include <stdint.h>

#if defined(__x86_64__)
static inline void restore_floating_point(void) {
  uint32_t control = 0x1f80;
  __asm__ volatile("fninit\n\tldmxcsr %0" : : "m"(control));
}
#elif defined(__aarch64__)
static inline void restore_floating_point(void) { __asm__ volatile("msr fpcr, xzr\n\tmsr fpsr, xzr"); }
#else
#include <fenv.h>
static inline void restore_floating_point(void) { fesetenv(FE_DFL_ENV); }
#endif

#endif
