#include "board.h"

#include <string.h>

#include "memory.h"
#include "threads.h"

/* dlrpc reads for a microsecond or two, unless something else is done in its place: that is not waited for. */
enum { MOST_WAITS = 50 };
enum { REPORT_MESSAGE_BYTES = REPORT_BYTES - sizeof(struct report) };

static char *board;

void map_board(void) { board = map_shared_board(); }

char *board_at(size_t offset) { return board + offset; }

bool begin_call(uint32_t call) {
  int32_t number = (int32_t)call;
  int32_t *state = (int32_t *)board + call % BOARD_CALLS;
  return __atomic_compare_exchange_n(state, &number, -number, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

const struct call_orders *orders_of(uint32_t call) {
  return (struct call_orders *)(board + ORDERS_OFFSET) + call % BOARD_CALLS;
}

bool is_to_stop(uint32_t call) { return __atomic_load_n(&orders_of(call)->stop, __ATOMIC_ACQUIRE) == (int32_t)call; }

bool put_report(uint32_t call, double done, double total, const char *message, size_t length) {
  char *place = board + REPORTS_OFFSET + call % BOARD_CALLS * REPORT_BYTES;
  struct report *report = (struct report *)place;
  for (int waits = 0; waits < MOST_WAITS && __atomic_load_n(&report->read, __ATOMIC_SEQ_CST) != 0; waits++) let_others_run();
  uint32_t revision = __atomic_load_n(&report->revision, __ATOMIC_RELAXED) | 1;
  __atomic_store_n(&report->revision, revision, __ATOMIC_RELAXED);
  __atomic_thread_fence(__ATOMIC_RELEASE);
  report->done = done;
  report->total = total;
  report->length = (uint32_t)(length < REPORT_MESSAGE_BYTES ? length : REPORT_MESSAGE_BYTES);
  if (report->length > 0) memcpy(place + sizeof *report, message, report->length);
  __atomic_store_n(&report->revision, revision + 1, __ATOMIC_RELEASE);
  return __atomic_exchange_n(&report->told, 1, __ATOMIC_SEQ_CST) == 0;
}
