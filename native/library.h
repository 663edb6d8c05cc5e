/* The plugin's library, by the system's loader. */
#ifndef LIBRARY_H
#define LIBRARY_H

/* Of what the loader says. */
enum { LONGEST_WHY = 4096 };

/*
 * Opens the library at `path`, which runs what it has to do at its start. It, and what it needs, is looked for where the
 * path says and where the system has libraries, never where whoever started dlrpc was.
 * Returns NULL where it does not open, with the loader's words in `why`.
 */
void *open_library(const char *path, char *why);

/* NULL where it exports none of that name. */
void *symbol_in(void *library, const char *name);

#endif
