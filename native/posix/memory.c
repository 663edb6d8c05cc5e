#include "memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include "frames/frames.h"
#include "give-up.h"

void *take_memory(size_t bytes) {
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

void give_memory_back(void *memory, size_t bytes) { munmap(memory, bytes); }

void *map_shared_control_block(void) {
  off_t end = lseek(CONTROL_BLOCK, 0, SEEK_END); /* where the shared buffer is there, that of it */
  size_t bytes = end > CONTROL_BLOCK_BYTES ? (size_t)end : CONTROL_BLOCK_BYTES;
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, CONTROL_BLOCK, 0);
  if (memory == MAP_FAILED) give_up("the control block cannot be mapped");
  close(CONTROL_BLOCK); /* by it a plugin could cut the file off, where the system has no seals */
  return memory;
}
