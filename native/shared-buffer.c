#include "shared-buffer.h"

#include <stdatomic.h>
#include <string.h>

#include "channel.h"
#include "control-block.h"
#include "shared-pages.h"

static _Thread_local bool is_held;

static struct shared_buffer *buffer(void) { return (struct shared_buffer *)control_block_at(SHARED_BUFFER_OFFSET); }

static bool take(void) {
  int32_t expected = FREE;
  return atomic_compare_exchange_strong(&buffer()->state, &expected, TAKEN);
}

char *shared_buffer(void) { return control_block_at(BUFFER_OFFSET); }

/* dlrpc comes between two threads: by the state they know which of them came first. */
void receive_shared_buffer(void) {
  is_held = true;
  atomic_load(&buffer()->state);
}

/* To write to pages that the system cannot give would end the process. */
static bool has_pages(size_t bytes) {
  if (bytes <= buffer()->pages_end) return true;
  if (!take_shared_pages(shared_buffer(), bytes)) return false;
  buffer()->pages_end = (uint32_t)bytes;
  return true;
}

bool put_in_shared_buffer(const char *value, size_t length) {
  if (length < LARGE_BYTES || length > BUFFER_BYTES || (!is_held && !take())) return false;
  is_held = true;
  if (!has_pages(length)) return false;
  memmove(shared_buffer(), value, length);
  atomic_store(&buffer()->state, TAKEN); /* as it was, for the thread that comes next */
  is_held = false;                       /* from now on dlrpc has it */
  return true;
}

void release_shared_buffer(void) {
  if (!is_held) return;
  is_held = false;
  atomic_store(&buffer()->state, FREE);
}

bool shared_buffer_has_pages(void) { return buffer()->pages_end != 0; }

void empty_shared_buffer(void) {
  if (!shared_buffer_has_pages() || !take()) return;
  give_shared_pages_back(shared_buffer(), BUFFER_BYTES);
  buffer()->pages_end = 0;
  atomic_store(&buffer()->state, FREE);
}
