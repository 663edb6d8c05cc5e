/* Changes of what a process has only once, and what would like to outlive a call, or its process. */
#include "hostile.h"

#include <direct.h>
#include <float.h>
#include <io.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <xmmintrin.h>

static const char *change_directory(void) { return _chdir("C:\\") == 0 ? ok : NULL; }
static const char *change_environment(void) {
    SetEnvironmentVariableA("SystemRoot", "C:\\nowhere");
    return _putenv("PATH=C:\\nowhere") == 0 && _putenv("NODE_OPTIONS=--no-such-option") == 0 ? ok : NULL;
}
static const char *clear_environment(void) {
    wchar_t nothing[] = L"\0";
    return SetEnvironmentStringsW(nothing) ? ok : NULL;
}
static const char *change_umask(void) {
    _umask(_S_IREAD | _S_IWRITE);
    return ok;
}
static const char *change_locale(void) { return setlocale(LC_ALL, "") != NULL ? ok : NULL; }
static const char *ignore_signals(void) {
    for (int number = 1; number < NSIG; number++) signal(number, SIG_IGN);
    return ok;
}
static void swallow(int signal) { (void)signal; }
static const char *handle_signals(void) {
    for (int number = 1; number < NSIG; number++) signal(number, swallow);
    return ok;
}
static const char *flush_to_zero(void) {
    _mm_setcsr(_mm_getcsr() | 0x8040); /* flush to zero, denormals are zero */
    return ok;
}
static const char *trap_floating_point(void) {
    _mm_setcsr(_mm_getcsr() & ~_MM_MASK_MASK);
    return ok;
}
static const char *lower_priority(void) {
    return SetPriorityClass(GetCurrentProcess(), IDLE_PRIORITY_CLASS) ? ok : NULL;
}
/* Takes memory, writes to it, and does not come back. */
static const char *take_memory(void) {
    enum { BYTES = 64 << 20, PAGE = 4096 };
    volatile char *taken = malloc(BYTES);
    if (taken == NULL) return NULL;
    for (int i = 0; i < BYTES; i += PAGE) taken[i] = 'x';
    return perform("hang");
}

const struct behaviour states[] = {
    BEHAVIOUR(change_directory), BEHAVIOUR(change_environment), BEHAVIOUR(clear_environment), BEHAVIOUR(change_umask),
    BEHAVIOUR(change_locale), BEHAVIOUR(ignore_signals), BEHAVIOUR(handle_signals), BEHAVIOUR(flush_to_zero),
    BEHAVIOUR(trap_floating_point), BEHAVIOUR(lower_priority), BEHAVIOUR(take_memory), END_OF_BEHAVIOURS,
};

/* ---- leftovers ---- */

static const char *leave(DWORD how) {
    static char answer[128];
    char command[] = "Z:\\work\\plugins\\idle.exe";
    STARTUPINFOA start = {.cb = sizeof start};
    PROCESS_INFORMATION process;
    if (!CreateProcessA(NULL, command, NULL, NULL, TRUE, how, NULL, NULL, &start, &process)) return NULL;
    snprintf(answer, sizeof answer, "{\"success\":true,\"output\":{\"pids\":[%lu]},\"error\":null,\"files\":[]}",
             process.dwProcessId);
    return answer;
}
static const char *leave_child(void) { return leave(0); }
static const char *leave_daemon(void) { return leave(DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP); }
static const char *say_and(const char *left, const char *what) {
    fprintf(stderr, "%s\n", left == NULL ? "" : left); /* it has no other answer */
    return perform(what);
}
static const char *leave_child_and_crash(void) { return say_and(leave_child(), "abort"); }
static const char *leave_daemon_and_hang(void) { return say_and(leave_daemon(), "hang"); }
/* Frees itself of what a console would end it with. */
static const char *outlive(void) {
    FreeConsole();
    SetConsoleCtrlHandler(NULL, TRUE);
    return perform("hang");
}
static void *work_for_ever(void *unused) {
    while (always) Sleep(1);
    return unused;
}
static const char *leave_threads(void) {
    for (int i = 0; i < 8; i++)
        if (!on_own_thread(work_for_ever, NULL)) return NULL;
    return ok;
}

const struct behaviour leftovers[] = {
    BEHAVIOUR(leave_child), BEHAVIOUR(leave_daemon), BEHAVIOUR(leave_child_and_crash),
    BEHAVIOUR(leave_daemon_and_hang), BEHAVIOUR(outlive), BEHAVIOUR(leave_threads), END_OF_BEHAVIOURS,
};
