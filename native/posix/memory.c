#include "memory.h"

#include <stdbool.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "frames/frames.h"
#include "give-up.h"

void *take_memory(size_t bytes) {
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

void give_memory_back(void *memory, size_t bytes) { munmap(memory, bytes); }

void *map_shared_control_block(void) {
  struct stat file;
  bool has_more = fstat(CONTROL_BLOCK, &file) == 0 && file.st_size > CONTROL_BLOCK_BYTES; /* the shared buffer */
  size_t bytes = has_more ? (size_t)file.st_size : CONTROL_BLOCK_BYTES;
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, CONTROL_BLOCK, 0);
  if (memory == MAP_FAILED) give_up("the control block cannot be mapped");
  close(CONTROL_BLOCK); /* by it a plugin could cut the file off, where the system has no seals */
  return memory;
}
