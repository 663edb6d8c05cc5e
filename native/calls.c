#include "calls.h"

#include "control-block.h"
#include "channel.h"
#include "confinement.h"
#include "crash.h"
#include "plugin.h"
#include "shared-buffer.h"
#include "threads.h"

static void serve(void);

static void call_thread(void) {
  note_crashes_of_thread();
  serve();
}

/* So many shall serve calls, this one included. Where there cannot be as many, those that are there serve. */
static void share_calls(uint32_t count) {
  if (count > MOST_THREADS) count = MOST_THREADS; /* no more calls run at once */
  if (count < 2) return;
  share_channel();
  start_threads(count - 1, call_thread);
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
        share_calls(frame.header.call);
        break;
      case EXECUTE:
        if (begin_call(frame.header.call)) execute_plugin(frame.header.call, frame.payload);
        break;
      case EXECUTE_SHARED:
        receive_shared_buffer();
        if (begin_call(frame.header.call)) execute_plugin(frame.header.call, shared_buffer());
        break;
    }
    release_shared_buffer();
  }
}

void serve_frames(void) {
  map_control_block();
  note_crashes();
  serve();
  /* Were one of them to end the process, the destructors of the others would be lost. */
  wait_for_threads();
}
