/* The process's life, which ends with dlrpc's, and how the system tells people of it. */
#ifndef LIFE_H
#define LIFE_H

#include <stdbool.h>
#include <sys/types.h>

/* From now on the process ends with dlrpc, whatever a plugin in it is at. False where dlrpc has ended already. */
bool live_with(pid_t dlrpc);

/* Is to serve a plugin of this name: the system shows it, and what the plugin starts ends with the process where it sees to that. */
void settle(const char *name);

#endif
