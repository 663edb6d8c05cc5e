/* What is behind the addresses of shared memory: pages, which the system gives when they are written to. */
#ifndef SHARED_PAGES_H
#define SHARED_PAGES_H

#include <stdbool.h>
#include <stddef.h>

/* Has the system give them. False where it has none left, and to write there would end the process. */
bool take_shared_pages(void *start, size_t bytes);

/* Gives them back; the memory is zeroes then. */
void give_shared_pages_back(void *start, size_t bytes);

#endif
