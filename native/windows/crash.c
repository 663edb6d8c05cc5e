#include "crash.h"

#include <stdio.h>
#include <string.h>

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include "control-block.h"

/* For what the system does at an overflow of the stack, and what is done here. */
enum { RESERVED_STACK_BYTES = 64 * 1024 };
enum { LONGEST_PATH = 32768 };
enum { HAS_ADDRESS = 1 };

/* As DWARF numbers them, the program counter in the last place. Returns the stack pointer. */
static uint64_t copy_registers(const CONTEXT *found, uint64_t *registers) {
#if defined(_M_X64)
  const DWORD64 numbered[] = {found->Rax, found->Rdx, found->Rcx, found->Rbx, found->Rsi, found->Rdi,
                              found->Rbp, found->Rsp, found->R8,  found->R9,  found->R10, found->R11,
                              found->R12, found->R13, found->R14, found->R15};
  memcpy(registers, numbered, sizeof numbered);
  registers[CRASH_REGISTERS - 1] = found->Rip;
  return found->Rsp;
#elif defined(_M_ARM64)
  memcpy(registers, found->X, sizeof found->X);
  registers[31] = found->Sp;
  registers[CRASH_REGISTERS - 1] = found->Pc;
  return found->Sp;
#endif
}

static void copy_stack(struct crash *crash, uint64_t start) {
  ULONG_PTR low, high;
  GetCurrentThreadStackLimits(&low, &high);
  if (start < low || start >= high) return; /* the plugin has made a stack of its own, or lost its way */
  uint64_t rest = high - start;
  crash->stack_start = start;
  crash->stack_length = (uint32_t)(rest < CRASH_STACK_BYTES ? rest : CRASH_STACK_BYTES);
  memcpy(control_block_at(CRASH_STACK_OFFSET), (const void *)(uintptr_t)start, crash->stack_length);
}

/* The module that the instruction is in, as a line of /proc/self/maps has it; nothing where it is in none. */
static void describe_module(struct crash *crash, uint64_t instruction) {
  static wchar_t path[LONGEST_PATH];
  MEMORY_BASIC_INFORMATION memory;
  const void *at = (const void *)(uintptr_t)instruction;
  if (VirtualQuery(at, &memory, sizeof memory) == 0 || memory.Type != MEM_IMAGE) return;
  const char *base = memory.AllocationBase;
  if (GetModuleFileNameW((HMODULE)(uintptr_t)base, path, LONGEST_PATH) == 0) return;
  const IMAGE_NT_HEADERS *headers = (const IMAGE_NT_HEADERS *)(base + ((const IMAGE_DOS_HEADER *)base)->e_lfanew);
  char *line = control_block_at(CRASH_MAPS_OFFSET);
  unsigned long long start = (uintptr_t)base, end = start + headers->OptionalHeader.SizeOfImage;
  int length = snprintf(line, CRASH_MAPS_BYTES, "%llx-%llx r-xp 0 0:0 0 ", start, end);
  int bytes = WideCharToMultiByte(CP_UTF8, 0, path, -1, line + length, CRASH_MAPS_BYTES - length - 1, NULL, NULL);
  if (bytes == 0) return;
  line[length + bytes - 1] = '\n'; /* in the place of its NUL */
  crash->maps_length = (uint32_t)(length + bytes);
}

/* Nobody has handled the exception: it is told, and the system goes on with it. */
static LONG WINAPI note(EXCEPTION_POINTERS *pointers) {
  static LONG begun;
  if (InterlockedExchange(&begun, 1) != 0) return EXCEPTION_CONTINUE_SEARCH; /* of two threads the first one counts */
  const EXCEPTION_RECORD *exception = pointers->ExceptionRecord;
  struct crash *crash = (struct crash *)control_block_at(CRASH_OFFSET);
  bool is_fault = exception->ExceptionCode == STATUS_ACCESS_VIOLATION || exception->ExceptionCode == STATUS_IN_PAGE_ERROR;
  bool is_known = is_fault && exception->NumberParameters >= 2;
  crash->address = is_known ? exception->ExceptionInformation[1] : (uintptr_t)exception->ExceptionAddress;
  crash->code = HAS_ADDRESS;
  uint64_t stack = copy_registers(pointers->ContextRecord, (uint64_t *)control_block_at(CRASH_REGISTERS_OFFSET));
  crash->signal = (int32_t)exception->ExceptionCode;
  copy_stack(crash, stack);
  describe_module(crash, (uintptr_t)exception->ExceptionAddress);
  return EXCEPTION_CONTINUE_SEARCH;
}

void note_crashes_of_thread(void) {
  ULONG bytes = RESERVED_STACK_BYTES;
  SetThreadStackGuarantee(&bytes);
}

void note_crashes(void) {
  note_crashes_of_thread();
  SetUnhandledExceptionFilter(note);
}
