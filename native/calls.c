#include "calls.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "board.h"
#include "channel.h"
#include "confinement.h"
#include "crash.h"
#include "plugin.h"

/* As much stack as main threads usually have: a plugin must not need to know on which thread it is called. */
enum { STACK_BYTES = 8 << 20 };

static pthread_t *threads; /* beside the main one */
static size_t thread_count;

static void serve(void);

static void *call_thread(void *unused) {
  note_crashes_of_thread();
  serve();
  return unused;
}

/* So many shall serve calls, this one included. Where there cannot be as many, those that are there serve. */
static void start_threads(uint32_t count) {
  if (count > MOST_THREADS) count = MOST_THREADS; /* no more calls run at once */
  if (count < 2 || (threads = calloc(count - 1, sizeof *threads)) == NULL) return;
  share_channel();
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  while (thread_count < count - 1 && pthread_create(&threads[thread_count], &attributes, call_thread, NULL) == 0)
    thread_count++;
  pthread_attr_destroy(&attributes);
}

static void serve(void) {
  struct reader reader;
  struct frame frame;
  reader.large = NULL;
  while (next_frame(&reader, &frame)) {
    switch (frame.header.kind) {
      case CONFINE:
        confine(frame.payload, frame.header.length);
        break;
      case LOAD:
        load_plugin(frame.payload);
        break;
      case SERVE:
        start_threads(frame.header.call);
        break;
      case EXECUTE:
        if (begin_call(frame.header.call)) execute_plugin(frame.header.call, frame.payload);
        break;
    }
  }
}

void serve_frames(void) {
  map_board();
  note_crashes();
  serve();
  /* Were one of them to end the process, the destructors of the others would be lost. */
  while (thread_count > 0) pthread_join(threads[--thread_count], NULL);
}
