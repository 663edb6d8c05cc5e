/* Orders (frames.h), as the system carries them out. */
#ifndef ORDERS_H
#define ORDERS_H

#include <stdint.h>

#include "frames/frames.h"

/* Returns 0 or the system's number of an error. */
int32_t obey(const struct order *order, const char *payload);

#endif
