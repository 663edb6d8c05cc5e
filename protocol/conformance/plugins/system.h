/* What the plugins of this suite want of the system, by the same names on all of them. Included first. */
#ifndef SYSTEM_H
#define SYSTEM_H

#define _GNU_SOURCE

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef _WIN32

#define WIN32_LEAN_AND_MEAN
#define NOGDI /* its ERROR */
#include <windows.h>

#define O_CLOEXEC O_NOINHERIT

static inline void rest(void) { Sleep(INFINITE); }
static inline void block_all_signals(void) {} /* there is none that a process is sent */

/* Starts a process that would be there for ever: one that never begins. @returns its id, or -1 */
static inline long start_idle_process(void) {
    STARTUPINFOA info = {.cb = sizeof info};
    PROCESS_INFORMATION started;
    char command[] = "cmd.exe";
    if (!CreateProcessA(NULL, command, NULL, NULL, FALSE, CREATE_SUSPENDED, NULL, NULL, &info, &started)) return -1;
    CloseHandle(started.hThread);
    CloseHandle(started.hProcess);
    return (long)started.dwProcessId;
}

#else

#include <pthread.h>
#include <signal.h>

static inline void rest(void) { pause(); }

static inline void block_all_signals(void) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
}

/* Starts a process that would go on for ever. @returns its id, or -1 */
static inline long start_idle_process(void) {
    pid_t child = fork();
    if (child == 0)
        for (;;) rest();
    return child;
}

#endif

#endif
