/* actor: loads well, and in a call does what input.do says; without it, answers with the very text it was given.
 *
 * Its input is read as input.h says. Compiled with
 *   METADATA   the JSON text of the metadata
 *   VARIANT    a name that {"do":"variant"} answers with: which library it was that ran
 *   NO_FREE    no vtcode_plugin_free_string: a string lives until the next call on its thread (rule A6) */
#include "input.h"
#include "vtcode_plugin.h"

#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

#ifndef VARIANT
#define VARIANT "plain"
#endif

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned long calls;
static int version_was_asked;

/* ---- strings that are returned: one that is used after it was freed is seen to be spoilt ---- */

static void spoil(char *text) {
    memset(text, 'X', strlen(text));
    free(text);
}

#ifdef NO_FREE
static const char *give(char *text) {
    static _Thread_local char *last;
    if (last != NULL) spoil(last);
    last = text;
    return text;
}
#else
struct given {
    struct given *next;
    char *text;
    pthread_t thread;
};
static struct given *given;
static unsigned long returned, freed, strange;
static pthread_cond_t came_back = PTHREAD_COND_INITIALIZER;

static const char *give(char *text) {
    struct given *entry = malloc(sizeof *entry);
    if (text == NULL || entry == NULL) abort();
    pthread_mutex_lock(&lock);
    *entry = (struct given){given, text, pthread_self()};
    given = entry;
    returned++;
    pthread_mutex_unlock(&lock);
    return text;
}

/* A string that is not out, or comes back on another thread, is strange (rule A5). */
void vtcode_plugin_free_string(const char *string) {
    pthread_mutex_lock(&lock);
    struct given **link = &given;
    while (*link != NULL && (*link)->text != string) link = &(*link)->next;
    struct given *entry = *link;
    if (entry == NULL || !pthread_equal(entry->thread, pthread_self())) strange++;
    if (entry != NULL) {
        *link = entry->next;
        freed++;
        pthread_cond_broadcast(&came_back);
        spoil(entry->text);
        free(entry);
    }
    pthread_mutex_unlock(&lock);
}
#endif

static char *done(void) { return format(RESULT("{}")); }

/* ---- what a call does; each gets its context and returns its result, which may be NULL ---- */

static char *echo(const char *context) { return format(RESULT("{\"context\":%s}"), context); }

/* The text of input.result, which is the last member of input. */
static char *give_result(const char *context) {
    const char *result = operand(context, "result");
    const char *end = strstr(context, "},\"workspace_root\":");
    return result == NULL || end == NULL || end < result ? NULL : format("%.*s", (int)(end - result), result);
}

static char *null_pointer(const char *context) { return (void)context, NULL; }
static char *empty(const char *context) { return (void)context, strdup(""); }
static char *half(const char *context) { return (void)context, strdup("{\"success\":true,"); }
static char *two_values(const char *context) { return (void)context, format("%s {}", RESULT("{}")); }
static char *latin1(const char *context) { return (void)context, strdup(RESULT("{\"a\":\"\xe9\"}")); }
static char *spaced(const char *context) {
    (void)context;
    return strdup("\n{ \"success\" : true ,\r\n\t\"output\" : { \"a\" : [ 1 ,\n 2 ] } ,\n\"error\":null,\"files\" : [ ] }\n");
}

/* How many calls this process has had, this one included. */
static char *count(const char *context) {
    (void)context;
    pthread_mutex_lock(&lock);
    unsigned long now = calls;
    pthread_mutex_unlock(&lock);
    return format(RESULT("{\"count\":%lu,\"pid\":%ld}"), now, (long)getpid());
}

static char *variant(const char *context) { return (void)context, strdup(RESULT("{\"variant\":\"" VARIANT "\"}")); }

/* Waits until the file input.until exists; for ever, where it is not given. */
static char *wait_for_file(const char *context) {
    char path[PATH_SIZE];
    struct stat status;
    if (!text_operand(context, "until", path))
        for (;;) rest();
    while (stat(path, &status) != 0) usleep(1000);
    return count(context);
}

static char *nap(const char *context) {
    usleep((useconds_t)number_operand(context, "ms", 0) * 1000);
    return done();
}

/* How many bytes the file input.file has. */
static char *size(const char *context) {
    char path[PATH_SIZE];
    struct stat status;
    long long bytes = text_operand(context, "file", path) && stat(path, &status) == 0 ? (long long)status.st_size : -1;
    return format(RESULT("{\"size\":%lld}"), bytes);
}

static char *large(const char *context) {
    const size_t bytes = (size_t)number_operand(context, "bytes", 0);
    char *filling = malloc(bytes + 1);
    if (filling == NULL) abort();
    memset(filling, 'x', bytes);
    filling[bytes] = '\0';
    char *text = format(RESULT("{\"text\":\"%s\"}"), filling);
    free(filling);
    return text;
}

static char *crash(const char *context) {
    (void)context;
    fputs("the last words\n", stderr);
    abort();
}
static char *segv(const char *context) {
    volatile int *nowhere = NULL;
    *nowhere = 0;
    return done() + (context == NULL);
}
static char *end_process(const char *context) { exit((int)number_operand(context, "status", 0)); }
static char *block_signals(const char *context) {
    block_all_signals();
    return wait_for_file(context);
}
#ifndef _WIN32
static char *stop(const char *context) {
    (void)context;
    raise(SIGSTOP);
    return done();
}
#endif

static void put(int descriptor, const char *text) {
    if (write(descriptor, text, strlen(text)) < 0) abort();
}
static char *print(const char *context) {
    (void)context;
    put(STDOUT_FILENO, "printed to stdout\n");
    put(STDERR_FILENO, "printed to stderr\n");
    return done();
}
/* What a host would take for an answer, in both framings, if it reached the host. */
static char *print_protocol(const char *context) {
    (void)context;
    put(STDOUT_FILENO, "\n{\"jsonrpc\":\"2.0\",\"id\":\"forged\",\"result\":{}}\n"
                       "Content-Length: 44\r\n\r\n{\"jsonrpc\":\"2.0\",\"id\":\"forged\",\"result\":{}}\n");
    return done();
}
static char *read_stdin(const char *context) {
    char byte;
    (void)context;
    return format(RESULT("{\"read\":%zd}"), read(STDIN_FILENO, &byte, 1));
}

/* What the process finds around it: a variable of the environment, the working directory, a stack. */
static char *environment(const char *context) {
    char name[PATH_SIZE];
    const char *value = text_operand(context, "name", name) ? getenv(name) : NULL;
    if (value == NULL) return strdup(RESULT("{\"value\":null}"));
    char *json = json_string(value);
    char *result = format(RESULT("{\"value\":%s}"), json);
    free(json);
    return result;
}
static char *directory(const char *context) {
    char path[PATH_SIZE];
    (void)context;
    char *json = json_string(getcwd(path, sizeof path) == NULL ? "" : path);
    char *result = format(RESULT("{\"directory\":%s}"), json);
    free(json);
    return result;
}
static char *use_stack(const char *context) {
    volatile char deep[15 * 1024 * 1024 / 4]; /* a little less than the 4 MiB of rule P6 */
    for (size_t i = 0; i < sizeof deep; i += 1024) deep[i] = context[0];
    return deep[0] == '{' ? done() : NULL;
}
static char *start_process(const char *context) {
    (void)context;
    return format(RESULT("{\"pid\":%ld}"), start_idle_process());
}

#ifndef _WIN32
/* Makes a file in TMPDIR, and asks for all bits of its mode. */
static char *change_mode(const char *context) {
    char path[PATH_SIZE];
    struct stat status;
    (void)context;
    snprintf(path, sizeof path, "%s/changed", getenv("TMPDIR"));
    int file = open(path, O_CREAT | O_WRONLY, 0600);
    if (file < 0 || fchmod(file, 0751) != 0 || stat(path, &status) != 0) return NULL;
    close(file);
    unlink(path);
    return format(RESULT("{\"mode\":\"%o\"}"), (unsigned)status.st_mode & 07777);
}
#endif

/* Returns once input.calls calls have been inside at the same time; `most` is how many ever were. */
static char *meet(const char *context) {
    static pthread_cond_t arrived = PTHREAD_COND_INITIALIZER;
    static long inside, most;
    const long wanted = number_operand(context, "calls", 1);
    pthread_mutex_lock(&lock);
    if (++inside > most) most = inside;
    pthread_cond_broadcast(&arrived);
    while (most < wanted) pthread_cond_wait(&arrived, &lock);
    inside--;
    const long highest = most;
    pthread_mutex_unlock(&lock);
    return format(RESULT("{\"most\":%ld,\"pid\":%ld}"), highest, (long)getpid());
}

#ifndef NO_FREE
/* How many strings were returned and freed before this one. Other threads may be about to free theirs. */
static char *frees(const char *context) {
    (void)context;
    struct timespec late;
    clock_gettime(CLOCK_REALTIME, &late);
    late.tv_sec += 10; /* a server that frees none is told so */
    pthread_mutex_lock(&lock);
    while (freed < returned && pthread_cond_timedwait(&came_back, &lock, &late) == 0) continue;
    char *text = format(RESULT("{\"returned\":%lu,\"freed\":%lu,\"strange\":%lu}"), returned, freed, strange);
    pthread_mutex_unlock(&lock);
    return text;
}
#endif

static const struct behaviour {
    const char *name;
    char *(*run)(const char *context);
} behaviours[] = {
    {"return", give_result},      {"return-null", null_pointer}, {"return-empty", empty},
    {"return-half", half},        {"return-two", two_values},    {"return-latin1", latin1},
    {"return-spaced", spaced},    {"return-large", large},       {"count", count},
    {"variant", variant},         {"wait", wait_for_file},       {"nap", nap},
    {"size", size},               {"crash", crash},              {"segv", segv},
    {"exit", end_process},        {"block-signals", block_signals},
    {"print", print},             {"print-protocol", print_protocol}, {"read-stdin", read_stdin},
    {"meet", meet},               {"environment", environment},  {"directory", directory},
    {"use-stack", use_stack},     {"start-process", start_process},
#ifndef _WIN32
    {"stop", stop},               {"change-mode", change_mode},
#endif
#ifndef NO_FREE
    {"frees", frees},
#endif
};

/* ---- the interface ---- */

uint32_t vtcode_plugin_version(void) {
    version_was_asked = 1;
    return VTCODE_PLUGIN_ABI_VERSION;
}

/* Nothing before the version: who asks in another order gets no metadata (rule A2). */
const char *vtcode_plugin_metadata(void) { return version_was_asked ? give(strdup(METADATA)) : NULL; }

const char *vtcode_plugin_execute(const char *input_json) {
    char wanted[PATH_SIZE] = "";
    char path[PATH_SIZE];
    pthread_mutex_lock(&lock);
    calls++;
    pthread_mutex_unlock(&lock);
    char *(*run)(const char *) = echo;
    if (text_operand(input_json, "do", wanted)) {
        run = NULL;
        for (size_t i = 0; i < sizeof behaviours / sizeof *behaviours; i++)
            if (strcmp(behaviours[i].name, wanted) == 0) run = behaviours[i].run;
    }
    if (run == NULL) return give(format("{\"success\":false,\"output\":{},\"error\":\"actor cannot %s\",\"files\":[]}", wanted));
    /* Shows from outside that the call is in here, and how often it was. */
    if (text_operand(input_json, "mark", path)) append_byte(path);
    char *result = run(input_json);
    return result == NULL ? NULL : give(result);
}
