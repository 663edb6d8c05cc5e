/* What the plugin is offered while a call runs: the table of dlrpc_plugin.h, whose members and their meaning are these. */
#ifndef HOST_TABLE_H
#define HOST_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct host_table {
  uint32_t size;
  uint32_t version;
  uint64_t (*current_call)(void);
  void (*progress)(uint64_t call, double done, double total, const char *message, size_t length);
  int (*output)(uint64_t call, const char *json, size_t length);
  void (*log)(uint64_t call, uint32_t level, const char *text, size_t length);
  int (*should_stop)(uint64_t call);
  int64_t (*remaining_ms)(uint64_t call);
};

/* The table, for a plugin that takes it. From now on threads that are not the worker's write to the channel, too. */
const struct host_table *offer_table(size_t longest_output);

/* The call begins on this thread: from now on it can be named. */
void name_call(uint32_t call);

/* It has ended: nothing is written for it any more, by no thread. */
void forget_call(void);

#endif
