#include "channel.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

enum { INPUT_BYTES = 2 * LARGE_BYTES };
/* How long memory for a large frame is kept for the next one. */
enum { KEEP_MS = 200 };

static pthread_mutex_t reading = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t writing = PTHREAD_MUTEX_INITIALIZER;
static bool reads_are_shared, answers_are_shared;

/* Frames as they came; from `input_at` to `input_end` they are still to be read. */
static char input[INPUT_BYTES];
static size_t input_at, input_end;

_Noreturn void give_up(const char *what) {
  fprintf(stderr, "dlrpc's worker: %s: %s\n", what, strerror(errno));
  exit(1);
}

void share_channel(void) { reads_are_shared = answers_are_shared = true; }

void share_answers(void) { answers_are_shared = true; }

/* 0 at the end. */
static size_t read_some(void *target, size_t most) {
  for (;;) {
    ssize_t count = read(REQUESTS, target, most);
    if (count >= 0) return (size_t)count;
    if (errno != EINTR) give_up("the channel cannot be read");
  }
}

static void give_back(struct reader *reader) {
  if (reader->large != NULL) munmap(reader->large, reader->large_bytes);
  reader->large = NULL;
}

static void give_back_when_idle(struct reader *reader) {
  struct pollfd request = {.fd = REQUESTS, .events = POLLIN};
  if (reader->large != NULL && poll(&request, 1, KEEP_MS) == 0) give_back(reader);
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
    size_t count = read_some(input + input_end, INPUT_BYTES - input_end);
    if (count == 0) return false;
    input_end += count;
  }
  return true;
}

/* What of it is in the input already is copied, the rest is read to its place. */
static bool read_large(struct reader *reader, size_t length) {
  if (reader->large != NULL && reader->large_bytes < length) give_back(reader);
  if (reader->large == NULL) {
    reader->large = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (reader->large == MAP_FAILED) give_up("no memory for a request");
    reader->large_bytes = length;
  }
  size_t filled = input_end - input_at < length ? input_end - input_at : length;
  memcpy(reader->large, input + input_at, filled);
  input_at += filled;
  while (filled < length) {
    size_t count = read_some(reader->large + filled, length - filled);
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
  pthread_mutex_lock(&reading);
  bool is_there = read_frame(reader, frame);
  pthread_mutex_unlock(&reading);
  return is_there;
}

/* What is left of the pieces after `sent` bytes. */
static struct iovec *skip(struct iovec *piece, const struct iovec *end, size_t sent) {
  for (; piece < end && sent >= piece->iov_len; piece++) sent -= piece->iov_len;
  if (piece < end) {
    piece->iov_base = (char *)piece->iov_base + sent;
    piece->iov_len -= sent;
  }
  return piece;
}

void answer_with(enum frame_kind kind, uint32_t call, const void *head, size_t head_length, const void *payload,
                 size_t length) {
  struct frame_header header = {.length = (uint32_t)(head_length + length), .call = call, .kind = kind};
  struct iovec pieces[] = {{&header, sizeof header}, {(void *)head, head_length}, {(void *)payload, length}};
  struct iovec *piece = pieces, *end = pieces + 3;
  if (answers_are_shared) pthread_mutex_lock(&writing);
  while (piece < end) {
    ssize_t count = writev(ANSWERS, piece, (int)(end - piece));
    if (count >= 0) piece = skip(piece, end, (size_t)count);
    else if (errno != EINTR) give_up("the channel cannot be written");
  }
  if (answers_are_shared) pthread_mutex_unlock(&writing);
}

void answer(enum frame_kind kind, uint32_t call, const void *payload, size_t length) {
  answer_with(kind, call, NULL, 0, payload, length);
}
