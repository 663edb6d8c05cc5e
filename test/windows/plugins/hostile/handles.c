/* Attacks on the handles that connect this process to dlrpc: nobody says which they are, so all pipes are hit; and output of
 * every kind. */
#include "hostile.h"

#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { HANDLES = 4096, EACH = 4 };

static int is_standard(HANDLE handle) {
    return handle == GetStdHandle(STD_INPUT_HANDLE) || handle == GetStdHandle(STD_OUTPUT_HANDLE) ||
           handle == GetStdHandle(STD_ERROR_HANDLE);
}
/* Does that with each pipe but what the system calls standard. */
static void on_pipes(void (*act)(HANDLE pipe)) {
    for (size_t number = EACH; number < HANDLES; number += EACH) {
        HANDLE handle = (HANDLE)number;
        if (!is_standard(handle) && GetFileType(handle) == FILE_TYPE_PIPE) act(handle);
    }
}

static const char *bytes;
static size_t length;
static void write_bytes_to(HANDLE pipe) {
    DWORD written;
    for (size_t at = 0; at < length; at += written)
        if (!WriteFile(pipe, bytes + at, (DWORD)(length - at), &written, NULL)) return; /* not for writing, or broken */
}
static const char *write_to_all(const char *these, size_t count) {
    bytes = these;
    length = count;
    on_pipes(write_bytes_to);
    return ok;
}
static const char *hang_up(void) {
    while (always) Sleep(INFINITE);
    return ok;
}

static const char *write_junk(void) {
    static const char junk[] = "this is no frame, and neither is that";
    return write_to_all(junk, sizeof junk - 1);
}
static const char *write_text(void) { /* what would be a message, were it for the host */
    static const char forged[] = "Content-Length: 38\r\n\r\n{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\r\n\n";
    return write_to_all(forged, sizeof forged - 1);
}
static const char *write_huge_length(void) {
    static char header[64];
    memset(header, 0xff, sizeof header);
    return write_to_all(header, sizeof header);
}
static const char *flood_channel(void) {
    static char block[64 * 1024];
    memset(block, 'x', sizeof block);
    for (int i = 0; i < 1024; i++) write_to_all(block, sizeof block);
    return ok;
}
static const char *begin_long_frame(void) { /* all but the end of a long answer */
    enum { LENGTH = 15000000, RESULT = 19 };
    static char block[LENGTH - 1];
    const unsigned header[] = {LENGTH, 0, RESULT};
    memset(block, 'x', sizeof block);
    write_to_all((const char *)header, sizeof header);
    write_to_all(block, sizeof block);
    return hang_up();
}

static void close_one(HANDLE pipe) { CloseHandle(pipe); }
static const char *close_low(void) { return on_pipes(close_one), ok; }
static const char *close_low_and_hang(void) { return close_low(), hang_up(); }
static const char *close_all(void) {
    for (size_t number = EACH; number < HANDLES; number += EACH) CloseHandle((HANDLE)number);
    return ok;
}
static const char *close_all_and_hang(void) { return close_all(), hang_up(); }
static const char *close_standard(void) {
    for (int descriptor = 0; descriptor < 3; descriptor++) _close(descriptor);
    return ok;
}
static const char *replace_standard(void) {
    int nothing = _open("NUL", _O_RDWR);
    for (int descriptor = 0; descriptor < 3; descriptor++) _dup2(nothing, descriptor);
    return ok;
}

static void *read_one(void *pipe) {
    char block[4096];
    DWORD count;
    while (ReadFile(pipe, block, sizeof block, &count, NULL)) continue;
    return NULL;
}
static void steal_from(HANDLE pipe) {
    DWORD count;
    if (PeekNamedPipe(pipe, NULL, 0, NULL, &count, NULL)) on_own_thread(read_one, pipe);
}
static const char *steal_requests(void) { return on_pipes(steal_from), hang_up(); }

const struct behaviour channel_abuses[] = {
    BEHAVIOUR(write_junk), BEHAVIOUR(write_text), BEHAVIOUR(write_huge_length), BEHAVIOUR(flood_channel),
    BEHAVIOUR(begin_long_frame), BEHAVIOUR(close_low), BEHAVIOUR(close_low_and_hang), BEHAVIOUR(close_all),
    BEHAVIOUR(close_all_and_hang), BEHAVIOUR(close_standard), BEHAVIOUR(replace_standard), BEHAVIOUR(steal_requests),
    END_OF_BEHAVIOURS,
};

/* ---- output ---- */

enum { BLOCK_BYTES = 64 * 1024, FLOOD_BYTES = 64 * 1024 * 1024 };

static const char *flood_with(int descriptor, void (*fill)(char *block)) {
    static char block[BLOCK_BYTES];
    fill(block);
    for (int written = 0; written < FLOOD_BYTES; written += BLOCK_BYTES)
        if (write(descriptor, block, sizeof block) < 0) return NULL;
    return ok;
}
static void fill_lines(char *block) {
    memset(block, 'x', BLOCK_BYTES);
    for (int i = 63; i < BLOCK_BYTES; i += 64) block[i] = '\n';
}
static void fill_binary(char *block) {
    unsigned state = 1;
    for (int i = 0; i < BLOCK_BYTES; i++) block[i] = (char)((state = state * 1103515245 + 12345) >> 16);
}
static const char *flood_lines(void) { return flood_with(1, fill_lines); }
static const char *flood_binary(void) { return flood_with(2, fill_binary); }
static void *flood_for_ever(void *unused) {
    char block[BLOCK_BYTES];
    fill_lines(block);
    while (write(1, block, sizeof block) > 0) continue;
    return unused;
}
static const char *flood_after(void) { return on_own_thread(flood_for_ever, NULL) ? ok : NULL; }

static const char *print_reopened(void) {
    int kept = _dup(1);
    _close(1);
    if (_open("NUL", _O_WRONLY) < 0 || _dup2(kept, 1) != 0) return NULL;
    _close(kept);
    printf("printed to a stdout that was closed and opened again\n");
    fflush(stdout);
    return ok;
}
static const char *print_to_copies(void) { /* by other numbers than 1 and 2 */
    static const char text[] = "printed to a copy\n";
    for (int descriptor = 1; descriptor <= 2; descriptor++) {
        int copy = _dup(descriptor);
        if (copy < 0 || write(copy, text, sizeof text - 1) < 0) return NULL;
    }
    return ok;
}
static const char *print_everywhere(void) {
    static const char text[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n";
    return write(1, text, sizeof text - 1) < 0 ? NULL : write_to_all(text, sizeof text - 1);
}
static const char *close_stdout(void) { return fclose(stdout) == 0 && fclose(stderr) == 0 ? ok : NULL; }
static void *print_late(void *unused) {
    usleep(20 * 1000);
    printf("printed late\n");
    return unused;
}
static const char *print_after(void) { return on_own_thread(print_late, NULL) ? ok : NULL; }

const struct behaviour floods[] = {
    BEHAVIOUR(flood_lines), BEHAVIOUR(flood_binary), BEHAVIOUR(flood_after), BEHAVIOUR(print_reopened),
    BEHAVIOUR(print_to_copies), BEHAVIOUR(print_everywhere), BEHAVIOUR(close_stdout), BEHAVIOUR(print_after),
    END_OF_BEHAVIOURS,
};
