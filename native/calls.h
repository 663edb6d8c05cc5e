/* Calls: which of them begin, and on which threads. */
#ifndef CALLS_H
#define CALLS_H

/* Serves frames on this thread, and on what further threads they ask for, until dlrpc closes the channel. */
void serve_frames(void);

#endif
