/* The control block: what dlrpc and the worker tell each other of calls beside frames (frames.h). */
#ifndef CONTROL_BLOCK_H
#define CONTROL_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frames/frames.h"

void map_control_block(void);

/* A place on it, as frames.h numbers them. */
char *control_block_at(size_t offset);

/* False where the call was taken back before its turn came. */
bool begin_call(uint32_t call);

/* What dlrpc says of the call. It can change at any time that the call is to stop. */
const struct call_flags *flags_of(uint32_t call);

/* May be asked in a signal handler. */
bool is_to_stop(uint32_t call);

/*
 * Puts down how far the call is, in the place of what was there; one thread at a time for one call.
 * Returns whether dlrpc has to be told that there is something: else it will look by itself.
 */
bool put_report(uint32_t call, double done, double total, const char *message, size_t length);

#endif
