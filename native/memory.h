/* Memory that the system gives. */
#ifndef MEMORY_H
#define MEMORY_H

#include <stddef.h>

/* Memory of the process's own. NULL where there is none. */
void *take_memory(size_t bytes);

void give_memory_back(void *memory, size_t bytes);

/* The control block (frames.h), which dlrpc shares with the process from its start on. */
void *map_shared_control_block(void);

#endif
