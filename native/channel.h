/* The worker's end of the channel to dlrpc: whole frames in and out, for one thread or several. */
#ifndef CHANNEL_H
#define CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frames/frames.h"

enum { LARGE_BYTES = 32 * 1024 };

/* What one thread reads frames into: small ones, and a large one for as long as such come. */
struct reader {
  char small[LARGE_BYTES];
  char *large;
  size_t large_bytes;
};

struct frame {
  struct frame_header header;
  const char *payload;
};

/* From now on several threads read and write frames. To be called between two frames. */
void share_channel(void);

/* From now on several threads write frames. To be called between two frames. */
void share_answers(void);

/* Waits for the next frame. Its payload is valid until the thread reads again. False once dlrpc has closed its end. */
bool next_frame(struct reader *reader, struct frame *frame);

/* Writes a frame from where its payload is. */
void answer(enum frame_kind kind, uint32_t call, const void *payload, size_t length);

/* The same, with something before the payload. */
void answer_with(enum frame_kind kind, uint32_t call, const void *head, size_t head_length, const void *payload,
                 size_t length);

#endif
