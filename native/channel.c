#include "channel.h"

#include <string.h>

#include "give-up.h"
#include "memory.h"
#include "pipes.h"
#include "shared-buffer.h"
#include "threads.h"

enum { INPUT_BYTES = 2 * LARGE_BYTES };

static mutex reading = MUTEX_INITIALIZER;
static mutex writing = MUTEX_INITIALIZER;
static bool reads_are_shared, answers_are_shared;

/* Frames as they came; from `input_at` to `input_end` they are still to be read. */
static char input[INPUT_BYTES];
static size_t input_at, input_end;

void share_channel(void) { reads_are_shared = answers_are_shared = true; }

void share_answers(void) { answers_are_shared = true; }

static void give_back(struct reader *reader) {
  if (reader->large != NULL) give_memory_back(reader->large, reader->large_bytes);
  reader->large = NULL;
}

static void give_back_when_idle(struct reader *reader) {
  if ((reader->large == NULL && !shared_buffer_has_pages()) || requests_come_soon()) return;
  give_back(reader);
  empty_shared_buffer();
}

/* Has at least `needed` bytes in the input, which are fewer than LARGE_BYTES. False at the end. */
static bool fill(struct reader *reader, size_t needed) {
  if (input_at == input_end) input_at = input_end = 0;
  if (input_at + needed > INPUT_BYTES) {
    memmove(input, input + input_at, input_end - input_at);
    input_end -= input_at;
    input_at = 0;
  }
  while (input_end - input_at < needed) {
    give_back_when_idle(reader);
    size_t count = read_requests(input + input_end, INPUT_BYTES - input_end);
    if (count == 0) return false;
    input_end += count;
  }
  return true;
}

/* What of it is in the input already is copied, the rest is read to its place. */
static bool read_large(struct reader *reader, size_t length) {
  if (reader->large != NULL && reader->large_bytes < length) give_back(reader);
  if (reader->large == NULL) {
    reader->large = take_memory(length);
    if (reader->large == NULL) give_up("no memory for a request");
    reader->large_bytes = length;
  }
  size_t filled = input_end - input_at < length ? input_end - input_at : length;
  memcpy(reader->large, input + input_at, filled);
  input_at += filled;
  while (filled < length) {
    size_t count = read_requests(reader->large + filled, length - filled);
    if (count == 0) return false;
    filled += count;
  }
  return true;
}

static bool read_frame(struct reader *reader, struct frame *frame) {
  if (!fill(reader, sizeof frame->header)) return false;
  memcpy(&frame->header, input + input_at, sizeof frame->header);
  input_at += sizeof frame->header;
  size_t length = frame->header.length;
  if (length >= LARGE_BYTES) {
    if (!read_large(reader, length)) return false;
    frame->payload = reader->large;
    return true;
  }
  if (!fill(reader, length)) return false;
  frame->payload = input + input_at;
  if (reads_are_shared) frame->payload = memcpy(reader->small, frame->payload, length); /* the input is the next thread's */
  input_at += length;
  return true;
}

bool next_frame(struct reader *reader, struct frame *frame) {
  if (!reads_are_shared) return read_frame(reader, frame);
  give_back(reader); /* another thread may be the one to wait for the next frame */
  lock_mutex(&reading);
  bool is_there = read_frame(reader, frame);
  unlock_mutex(&reading);
  return is_there;
}

void answer_with(enum frame_kind kind, uint32_t call, const void *head, size_t head_length, const void *payload,
                 size_t length) {
  struct frame_header header = {.length = (uint32_t)(head_length + length), .call = call, .kind = kind};
  struct piece pieces[PIECES] = {{&header, sizeof header}, {head, head_length}, {payload, length}};
  if (answers_are_shared) lock_mutex(&writing);
  write_answers(pieces);
  if (answers_are_shared) unlock_mutex(&writing);
}

void answer(enum frame_kind kind, uint32_t call, const void *payload, size_t length) {
  answer_with(kind, call, NULL, 0, payload, length);
}
