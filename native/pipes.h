/* The two pipes to dlrpc, as the system has them. */
#ifndef PIPES_H
#define PIPES_H

#include <stdbool.h>
#include <stddef.h>

struct piece {
  const void *start;
  size_t length;
};

enum { PIECES = 3 };

/* Waits for requests. Returns how many bytes have come, at most `most`; 0 once dlrpc has closed its end. */
size_t read_requests(void *target, size_t most);

/* Whether requests come soon enough for memory to be kept for them. */
bool requests_come_soon(void);

/* Writes PIECES of them, one after the other. */
void write_answers(const struct piece *pieces);

#endif
