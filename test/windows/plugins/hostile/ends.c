/* Crashes, other ends, and ways never to return, as Windows has them. */
#include "hostile.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As Windows has it: in Wine what the older C runtime writes there waits for more. */
__attribute__((constructor(101))) static void write_errors_at_once(void) { setvbuf(stderr, NULL, _IONBF, 0); }

/* ---- crashes ---- */

static volatile int zero = 0;

static const char *sigill(void) { __builtin_trap(); }
static const char *sigfpe(void) {
    volatile int quotient = 1000 / zero;
    return quotient == 1000 ? ok : NULL;
}
static const char *fill_from(volatile char *at) { /* to the end of what is mapped */
    for (size_t i = 0; i < (size_t)1 << 30; i++) at[i] = 'x';
    return ok;
}
static const char *smash_heap(void) { return fill_from(malloc(16)); }
static const char *smash_stack(void) {
    volatile char here[16];
    return fill_from(here);
}
static const char *call_null(void) {
    const char *(*volatile nothing)(void) = NULL;
    return nothing();
}
static const char *write_to_code(void) {
    *(volatile char *)(size_t)write_to_code = 0;
    return ok;
}
static const char *run_data(void) {
    static char data[16];
    const char *(*volatile code)(void) = NULL;
    char *at = data;
    memcpy((void *)&code, &at, sizeof at);
    return code();
}
static LONG CALLBACK fall_again(EXCEPTION_POINTERS *unused) {
    (void)unused;
    *(volatile int *)0 = 0;
    return EXCEPTION_EXECUTE_HANDLER;
}
static const char *crash_in_handler(void) {
    SetUnhandledExceptionFilter(fall_again);
    *(volatile int *)0 = 0;
    return ok;
}
static const char *kill_itself(void) {
    TerminateProcess(GetCurrentProcess(), 9);
    return ok;
}
static const char *terminate_itself(void) {
    raise(SIGTERM);
    return ok;
}
static const char *last_words(void) { /* more than is kept, and not UTF-8 at its end */
    for (int i = 0; i < 1000; i++) fputs("last words ", stderr);
    fputs("\xff\xfe\xc3", stderr);
    abort();
}

const struct behaviour crashes[] = {
    BEHAVIOUR(sigill), BEHAVIOUR(sigfpe), BEHAVIOUR(smash_heap), BEHAVIOUR(smash_stack), BEHAVIOUR(call_null),
    BEHAVIOUR(write_to_code), BEHAVIOUR(run_data), BEHAVIOUR(crash_in_handler),
    BEHAVIOUR(kill_itself), BEHAVIOUR(terminate_itself), BEHAVIOUR(last_words), END_OF_BEHAVIOURS,
};

/* ---- ends ---- */

static const char *exit_3(void) { exit(3); }
static const char *underscore_exit_0(void) { _exit(0); }
/* Only the newer C runtime has it. */
static const char *leave_quickly(int status) {
    HMODULE runtime = LoadLibraryExW(L"ucrtbase.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
    void (*end)(int) = (void (*)(int))(void *)GetProcAddress(runtime, "quick_exit");
    end(status);
    return ok;
}
static const char *quick_exit_0(void) { return leave_quickly(0); }
static const char *quick_exit_5(void) { return leave_quickly(5); }
static const char *end_main_thread(void) { return pthread_exit(NULL), ok; }
static const char *vanish(void) { ExitThread(0); }

const struct behaviour exits[] = {
    BEHAVIOUR(exit_3), BEHAVIOUR(underscore_exit_0), BEHAVIOUR(quick_exit_0), BEHAVIOUR(quick_exit_5),
    BEHAVIOUR(end_main_thread), BEHAVIOUR(vanish), END_OF_BEHAVIOURS,
};

/* ---- hangs ---- */

static const char *rest(void) {
    while (always) Sleep(1000);
    return ok;
}
static const char *stop(void) {
    SuspendThread(GetCurrentThread());
    return ok;
}
static const char *deadlock(void) {
    SRWLOCK lock = SRWLOCK_INIT;
    AcquireSRWLockExclusive(&lock);
    AcquireSRWLockExclusive(&lock);
    return ok;
}
static const char *read_forever(void) {
    HANDLE from, to;
    char byte;
    DWORD count;
    return CreatePipe(&from, &to, NULL, 0) && ReadFile(from, &byte, 1, &count, NULL) ? ok : NULL;
}
static LONG CALLBACK hang_in_handler(EXCEPTION_POINTERS *unused) {
    for (;;) Sleep(INFINITE);
    return unused == NULL;
}
static const char *survive_a_crash(void) {
    AddVectoredExceptionHandler(1, hang_in_handler);
    *(volatile int *)0 = 0;
    return ok;
}
static LONG CALLBACK go_on(EXCEPTION_POINTERS *unused) {
    (void)unused;
    return EXCEPTION_CONTINUE_EXECUTION; /* where it falls again */
}
static const char *crash_for_ever(void) {
    AddVectoredExceptionHandler(1, go_on);
    *(volatile int *)0 = 0;
    return ok;
}
static BOOL WINAPI is_handled(DWORD unused) { return unused < 1000; }
static const char *hang_ignoring_signals(void) {
    for (int number = 1; number < NSIG; number++) signal(number, SIG_IGN);
    SetConsoleCtrlHandler(is_handled, TRUE);
    return rest();
}

const struct behaviour hangs[] = {
    BEHAVIOUR(rest), BEHAVIOUR(stop), BEHAVIOUR(deadlock), BEHAVIOUR(read_forever), BEHAVIOUR(survive_a_crash),
    BEHAVIOUR(crash_for_ever), BEHAVIOUR(hang_ignoring_signals), END_OF_BEHAVIOURS,
};
