#include "fault.h"

#include <limits.h>
#include <mach-o/loader.h>
#include <mach/mach.h>
#include <pthread.h>
#include <string.h>

#include "control-block.h"

/* The beginning of what the loader keeps for debuggers (mach-o/dyld_images.h). */
struct images {
  uint32_t version;
  uint32_t count;
  const struct image {
    const struct mach_header_64 *header;
    const char *path;
    uintptr_t modified;
  } *list; /* NULL while it changes */
};

uint64_t copy_registers(const ucontext_t *context, uint64_t *registers) {
#if defined(__x86_64__)
  const _STRUCT_X86_THREAD_STATE64 *found = &context->uc_mcontext->__ss;
  const uint64_t numbered[] = {found->__rax, found->__rdx, found->__rcx, found->__rbx, found->__rsi, found->__rdi,
                               found->__rbp, found->__rsp, found->__r8,  found->__r9,  found->__r10, found->__r11,
                               found->__r12, found->__r13, found->__r14, found->__r15};
  memcpy(registers, numbered, sizeof numbered);
  registers[CRASH_REGISTERS - 1] = found->__rip;
  return found->__rsp;
#elif defined(__aarch64__)
  const _STRUCT_ARM_THREAD_STATE64 *found = &context->uc_mcontext->__ss;
  memcpy(registers, found->__x, sizeof found->__x);
  registers[29] = (uint64_t)__darwin_arm_thread_state64_get_fp(*found);
  registers[30] = (uint64_t)__darwin_arm_thread_state64_get_lr(*found);
  registers[31] = (uint64_t)__darwin_arm_thread_state64_get_sp(*found);
  registers[CRASH_REGISTERS - 1] = (uint64_t)__darwin_arm_thread_state64_get_pc(*found);
  return registers[31];
#endif
}

/* The system is asked what is there: the plugin may have made a stack of its own, or have run past the end of one. */
static void copy_stack(struct crash *crash, uint64_t stack) {
  vm_address_t start = stack;
  vm_size_t size;
  for (;; start += size) {
    vm_region_basic_info_data_64_t region;
    mach_msg_type_number_t count = VM_REGION_BASIC_INFO_COUNT_64;
    mach_port_t unused;
    kern_return_t error = vm_region_64(mach_task_self(), &start, &size, VM_REGION_BASIC_INFO_64,
                                       (vm_region_info_t)&region, &count, &unused);
    if (error != KERN_SUCCESS || start > stack + MOST_BEYOND) return;
    if ((region.protection & VM_PROT_READ) != 0) break;
  }
  crash->stack_start = start > stack ? start : stack;
  uint64_t rest = start + size - crash->stack_start;
  crash->stack_length = (uint32_t)(rest < CRASH_STACK_BYTES ? rest : CRASH_STACK_BYTES);
  memcpy(control_block_at(CRASH_STACK_OFFSET), (const void *)(uintptr_t)crash->stack_start, crash->stack_length);
}

/* 0 where there is no such segment. */
static uint64_t code_bytes(const struct mach_header_64 *header) {
  const char *at = (const char *)(header + 1);
  for (uint32_t i = 0; i < header->ncmds; i++) {
    const struct segment_command_64 *segment = (const struct segment_command_64 *)at;
    if (segment->cmd == LC_SEGMENT_64 && strcmp(segment->segname, SEG_TEXT) == 0) return segment->vmsize;
    at += segment->cmdsize;
  }
  return 0;
}

static char *put(char *target, const char *text) {
  size_t length = strlen(text);
  memcpy(target, text, length);
  return target + length;
}

static char *put_hexadecimal(char *target, uint64_t number) {
  for (int shift = 60; shift >= 0; shift -= 4) *target++ = "0123456789abcdef"[number >> shift & 15];
  return target;
}

/* A line as of Linux's /proc/self/maps: code stands at the beginning of its file. */
static void note_image(struct crash *crash, const struct mach_header_64 *header, const char *path) {
  static char line[PATH_MAX + 64];
  uint64_t start = (uint64_t)(uintptr_t)header, bytes = code_bytes(header);
  if (bytes == 0 || strlen(path) >= PATH_MAX) return;
  char *end = put_hexadecimal(put(put_hexadecimal(line, start), "-"), start + bytes);
  end = put(put(put(end, " r-xp 00000000 00:00 0 "), path), "\n");
  size_t length = (size_t)(end - line);
  if (length > CRASH_MAPS_BYTES - crash->maps_length) return;
  memcpy(control_block_at(CRASH_MAPS_OFFSET + crash->maps_length), line, length);
  crash->maps_length += (uint32_t)length;
}

static void note_images(struct crash *crash) {
  struct task_dyld_info found;
  mach_msg_type_number_t count = TASK_DYLD_INFO_COUNT;
  if (task_info(mach_task_self(), TASK_DYLD_INFO, (task_info_t)&found, &count) != KERN_SUCCESS) return;
  const struct images *images = (const struct images *)(uintptr_t)found.all_image_info_addr;
  const struct image *image = images->list;
  for (uint32_t i = 0; image != NULL && i < images->count; i++) note_image(crash, image[i].header, image[i].path);
}

void note_memory(struct crash *crash, uint64_t stack) {
  copy_stack(crash, stack);
  note_images(crash);
}

/* SI_USER and those beyond it are this system's; of some faults, too, it says nothing. */
bool was_sent(const siginfo_t *info) { return info->si_code <= 0 || info->si_code >= SI_USER; }

void send_to_this_thread(int signal) { pthread_kill(pthread_self(), signal); }
