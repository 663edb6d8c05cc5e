#include "memory.h"

#include "frames/frames.h"
#include "give-up.h"
#include "handles.h"

void *take_memory(size_t bytes) { return VirtualAlloc(NULL, bytes, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE); }

void give_memory_back(void *memory, size_t bytes) {
  (void)bytes;
  VirtualFree(memory, 0, MEM_RELEASE);
}

void *map_shared_control_block(void) {
  void *memory = MapViewOfFile(handles.control_block, FILE_MAP_WRITE, 0, 0, CONTROL_BLOCK_BYTES);
  if (memory == NULL) give_up("the control block cannot be mapped");
  CloseHandle(handles.control_block);
  return memory;
}
