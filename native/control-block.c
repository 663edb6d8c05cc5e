#include "control-block.h"

#include <stdatomic.h>
#include <string.h>

#include "memory.h"
#include "threads.h"

/* dlrpc reads for a microsecond or two, unless something else is done in its place: that is not waited for. */
enum { MOST_WAITS = 50 };
enum { REPORT_MESSAGE_BYTES = REPORT_BYTES - sizeof(struct report) };

static char *control_block;

void map_control_block(void) { control_block = map_shared_control_block(); }

char *control_block_at(size_t offset) { return control_block + offset; }

bool begin_call(uint32_t call) {
  int32_t number = (int32_t)call;
  _Atomic int32_t *state = (_Atomic int32_t *)control_block + call % CONTROL_BLOCK_CALLS;
  return atomic_compare_exchange_strong(state, &number, -number);
}

const struct call_flags *flags_of(uint32_t call) {
  return (struct call_flags *)(control_block + FLAGS_OFFSET) + call % CONTROL_BLOCK_CALLS;
}

bool is_to_stop(uint32_t call) {
  return atomic_load_explicit(&flags_of(call)->stop, memory_order_acquire) == (int32_t)call;
}

bool put_report(uint32_t call, double done, double total, const char *message, size_t length) {
  char *place = control_block + REPORTS_OFFSET + call % CONTROL_BLOCK_CALLS * REPORT_BYTES;
  struct report *report = (struct report *)place;
  for (int waits = 0; waits < MOST_WAITS && atomic_load(&report->read) != 0; waits++) let_others_run();
  uint32_t revision = atomic_load_explicit(&report->revision, memory_order_relaxed) | 1;
  atomic_store_explicit(&report->revision, revision, memory_order_relaxed);
  atomic_thread_fence(memory_order_release);
  report->done = done;
  report->total = total;
  report->length = (uint32_t)(length < REPORT_MESSAGE_BYTES ? length : REPORT_MESSAGE_BYTES);
  if (report->length > 0) memcpy(place + sizeof *report, message, report->length);
  atomic_store_explicit(&report->revision, revision + 1, memory_order_release);
  return atomic_exchange(&report->told, 1) == 0;
}
