#include "shared-pages.h"

#include <sys/mman.h>

enum { POPULATE_WRITE = 23 }; /* MADV_POPULATE_WRITE of madvise(2), which older headers do not have */

bool take_shared_pages(void *start, size_t bytes) { return madvise(start, bytes, POPULATE_WRITE) == 0; }

void give_shared_pages_back(void *start, size_t bytes) { madvise(start, bytes, MADV_REMOVE); }
