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

void *map_shared_board(void) {
  void *memory = mmap(NULL, BOARD_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, BOARD, 0);
  if (memory == MAP_FAILED) give_up("the board cannot be mapped");
  close(BOARD); /* by it a plugin could cut the file off, where the system has no seals */
  return memory;
}
