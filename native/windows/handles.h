/* What dlrpc gives the process to inherit: the channel behind stdin, stdout and stderr (frames.h), and the control block. */
#ifndef HANDLES_H
#define HANDLES_H

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

struct handles {
  HANDLE requests;
  HANDLE answers;
  HANDLE control_block;
};

extern struct handles handles;

/* Takes them, so that neither a C runtime of the plugin's nor a process that it starts has them, the block by its number. */
void take_handles(const char *control_block);

#endif
