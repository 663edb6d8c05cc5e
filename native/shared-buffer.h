/* The shared buffer: room for one large value, from dlrpc or for it (frames.h). Nobody waits for it. */
#ifndef SHARED_BUFFER_H
#define SHARED_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

char *shared_buffer(void);

/* dlrpc has told of a value there: this thread has the buffer until it has put another one there, or releases it. */
void receive_shared_buffer(void);

/*
 * Copies a value there, of which dlrpc is to be told then; a part of it may lie there already. False where it has to go
 * another way: it is not large or too large, someone else has the buffer, or the system has no memory.
 */
bool put_in_shared_buffer(const char *value, size_t length);

/* To be called when a value that was received is not needed any more; also where there was none. */
void release_shared_buffer(void);

bool shared_buffer_has_pages(void);

/* Gives its pages back, unless someone has the buffer. */
void empty_shared_buffer(void);

#endif
