#ifndef MEASURE_H
#define MEASURE_H

#include <stdint.h>

/* What is in a directory, with all beneath it (src/workers/temporary-watch.ts). */
struct contents {
  uint64_t entries;
  uint64_t bytes;  /* that take room: holes do not, and names of the same file have a part each */
  uint64_t levels; /* directories in one another */
};

/*
 * Writes what is in the directory that the program has open to its output, at least as far as one is above what `most`
 * has. Returns 0, or the errno of what could not be looked at.
 */
int measure_contents(int directory, const struct contents *most);

#endif
