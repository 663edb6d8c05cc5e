/* Confinement: what dlrpc orders the process to do to itself (frames.h). It decides nothing here. */
#ifndef CONFINEMENT_H
#define CONFINEMENT_H

#include <stddef.h>

/* Carries out the orders while there is one thread, and answers HELLO with what came of each. */
void confine(const char *orders, size_t length);

#endif
