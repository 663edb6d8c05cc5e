/* Crashes: what a process that dies of a signal leaves in the control block (frames.h). dlrpc finds out there where it was. */
#ifndef CRASH_H
#define CRASH_H

/* From now on. A handler that the plugin installs counts in the place of this one. To be called once the control block is
 * mapped. */
void note_crashes(void);

/* Also where this thread has no stack left. */
void note_crashes_of_thread(void);

#endif
