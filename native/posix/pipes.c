#include "pipes.h"

#include <errno.h>
#include <poll.h>
#include <sys/uio.h>
#include <unistd.h>

#include "frames/frames.h"
#include "give-up.h"

/* How long memory for a large frame is kept for the next one. */
enum { KEEP_MS = 200 };

size_t read_requests(void *target, size_t most) {
  for (;;) {
    ssize_t count = read(REQUESTS, target, most);
    if (count >= 0) return (size_t)count;
    if (errno != EINTR) give_up("the channel cannot be read");
  }
}

bool requests_come_soon(void) {
  struct pollfd request = {.fd = REQUESTS, .events = POLLIN};
  return poll(&request, 1, KEEP_MS) != 0;
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

void write_answers(const struct piece *pieces) {
  struct iovec left[PIECES];
  for (int i = 0; i < PIECES; i++) left[i] = (struct iovec){(void *)pieces[i].start, pieces[i].length};
  struct iovec *piece = left, *end = left + PIECES;
  while (piece < end) {
    ssize_t count = writev(ANSWERS, piece, (int)(end - piece));
    if (count >= 0) piece = skip(piece, end, (size_t)count);
    else if (errno != EINTR) give_up("the channel cannot be written");
  }
}
