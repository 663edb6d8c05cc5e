/* A fault, as the system has it: to be asked in a handler of its signal. */
#ifndef FAULT_H
#define FAULT_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "frames/frames.h"

/* By so much a function's frame may have missed the end of the stack. */
enum { MOST_BEYOND = 1 << 20 };

/* As DWARF numbers them, the program counter in the last place. Returns the stack pointer. */
uint64_t copy_registers(const ucontext_t *context, uint64_t *registers);

/* Puts in the control block where code is, and what the stack has from its pointer on. */
void note_memory(struct crash *crash, uint64_t stack);

/* Whether the signal was sent, as by abort(3): then nothing of the kind happens again by itself. */
bool was_sent(const siginfo_t *info);

void send_to_this_thread(int signal);

#endif
