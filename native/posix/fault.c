#include "fault.h"

#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "control-block.h"

enum { LONGEST_LINE = 4096 + 128 };

uint64_t copy_registers(const ucontext_t *context, uint64_t *registers) {
#if defined(__x86_64__)
  static const int numbers[] = {REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI, REG_RBP, REG_RSP,
                                REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
  const greg_t *found = context->uc_mcontext.gregs;
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) registers[i] = (uint64_t)found[numbers[i]];
  registers[CRASH_REGISTERS - 1] = (uint64_t)found[REG_RIP];
  return (uint64_t)found[REG_RSP];
#elif defined(__aarch64__)
  const mcontext_t *found = &context->uc_mcontext;
  for (size_t i = 0; i < 31; i++) registers[i] = found->regs[i];
  registers[31] = found->sp;
  registers[CRASH_REGISTERS - 1] = found->pc;
  return found->sp;
#else
  (void)context;
  (void)registers;
  return 0;
#endif
}

static const char *read_hexadecimal(const char *text, uint64_t *number) {
  for (*number = 0;; text++) {
    if (*text >= '0' && *text <= '9') *number = *number << 4 | (uint64_t)(*text - '0');
    else if (*text >= 'a' && *text <= 'f') *number = *number << 4 | (uint64_t)(*text - 'a' + 10);
    else return text;
  }
}

/* A line such as "7f00-7f80 r-xp …" is kept where code is in there; what holds the stack is copied from its pointer on. */
static void note_mapping(struct crash *crash, uint64_t stack, const char *line, size_t length) {
  uint64_t start, end;
  const char *at = read_hexadecimal(line, &start);
  at = read_hexadecimal(at + 1, &end);
  bool is_readable = at[1] == 'r', is_code = at[3] == 'x';
  if (is_code && length <= CRASH_MAPS_BYTES - crash->maps_length) {
    memcpy(control_block_at(CRASH_MAPS_OFFSET + crash->maps_length), line, length);
    crash->maps_length += (uint32_t)length;
  }
  if (crash->stack_length > 0 || !is_readable || end <= stack || start > stack + MOST_BEYOND) return;
  crash->stack_start = start > stack ? start : stack;
  uint64_t rest = end - crash->stack_start;
  crash->stack_length = (uint32_t)(rest < CRASH_STACK_BYTES ? rest : CRASH_STACK_BYTES);
  memcpy(control_block_at(CRASH_STACK_OFFSET), (const void *)(uintptr_t)crash->stack_start, crash->stack_length);
}

/* Line by line, as the system says it: the loader's own list may be in disorder, or locked. */
void note_memory(struct crash *crash, uint64_t stack) {
  static char read_bytes[4096], line[LONGEST_LINE];
  int maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (maps == -1) return;
  size_t length = 0;
  for (ssize_t count; (count = read(maps, read_bytes, sizeof read_bytes)) > 0;) {
    for (ssize_t i = 0; i < count; i++) {
      if (length < LONGEST_LINE) line[length++] = read_bytes[i];
      if (read_bytes[i] != '\n') continue;
      note_mapping(crash, stack, line, length);
      length = 0;
    }
  }
  close(maps);
}

bool was_sent(const siginfo_t *info) { return info->si_code <= 0; }

void send_to_this_thread(int signal) { syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), signal); }
