#include "crash.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "control-block.h"
#include "fault.h"

/* A runtime in the plugin may take it for its own handlers, as Go's does. Of what is not used the system gives nothing. */
enum { ALTERNATE_BYTES = 64 * 1024 };

static pid_t own;

static void note(int signal, const siginfo_t *info, const ucontext_t *context) {
  struct crash *crash = (struct crash *)control_block_at(CRASH_OFFSET);
  crash->code = was_sent(info) ? 0 : info->si_code;
  crash->address = (uint64_t)(uintptr_t)info->si_addr;
  uint64_t stack = copy_registers(context, (uint64_t *)control_block_at(CRASH_REGISTERS_OFFSET));
  crash->signal = signal;
  note_memory(crash, stack);
}

/* Calls nothing but the system. All signals are blocked: another fault in here ends the process. */
static void on_crash(int signal, siginfo_t *info, void *context) {
  static bool begun;
  pid_t here = getpid();
  if (here == own) { /* else a child of the plugin, which is none of dlrpc's business */
    while (__atomic_exchange_n(&begun, true, __ATOMIC_SEQ_CST)) pause(); /* another thread is at it, and ends this one */
    note(signal, info, context);
  }
  struct sigaction as_usual = {.sa_handler = SIG_DFL};
  sigaction(signal, &as_usual, NULL);
  /* A fault comes again as soon as this returns. What was sent does not. */
  if (was_sent(info)) send_to_this_thread(signal);
}

void note_crashes_of_thread(void) {
  void *memory = mmap(NULL, ALTERNATE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return; /* then all is noted but an overflow of the stack */
  stack_t alternate = {.ss_sp = memory, .ss_size = ALTERNATE_BYTES};
  sigaltstack(&alternate, NULL);
}

void note_crashes(void) {
  own = getpid();
  note_crashes_of_thread();
  struct sigaction action = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigfillset(&action.sa_mask);
  static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT};
  for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) sigaction(signals[i], &action, NULL);
}
