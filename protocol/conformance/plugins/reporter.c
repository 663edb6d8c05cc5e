/* reporter: takes the table of dlrpc_plugin.h, and in a call does what input.do says with it (rules X1 to X7).
 *
 * Its input is read as input.h says. Compiled with
 *   METADATA   the JSON text of the metadata */
#include "input.h"

#define DLRPC_PLUGIN_IMPLEMENTATION
#include "dlrpc_plugin.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static atomic_ulong calls;
static int table_came_late;
/* Of the call before this one. */
static dlrpc_call last_call;
static _Thread_local dlrpc_call now;

static void emit(const char *json) { dlrpc_output(now, json, strlen(json)); }
static void say_how_far(double done, double total, const char *message) { dlrpc_progress(now, done, total, message, strlen(message)); }
static void say(enum dlrpc_level level, const char *text) { dlrpc_log(now, level, text, strlen(text)); }

static char *done(void) { return format(RESULT("{}")); }

/* Says that the call has begun: makes the file input.mark, where it is given. */
static void mark(const char *context) {
    char path[PATH_SIZE];
    if (text_operand(context, "mark", path)) append_byte(path);
}

/* ---- what a call does; each gets its context and returns its result ---- */

static char *count(const char *context) {
    (void)context;
    return format(RESULT("{\"count\":%lu,\"pid\":%ld}"), atomic_load(&calls), (long)getpid());
}

static char *table(const char *context) {
    (void)context;
    return format(RESULT("{\"version\":%u,\"isLarge\":%s,\"cameLate\":%s}"), dlrpc_host->version,
                  dlrpc_host->size >= sizeof *dlrpc_host ? "true" : "false", table_came_late ? "true" : "false");
}

static char *report(const char *context) {
    (void)context;
    say_how_far(1, 4, "one of four");
    return done();
}

static char *report_unknown(const char *context) {
    (void)context;
    say_how_far(7, 0, "");
    return done();
}

static char *report_nonsense(const char *context) {
    (void)context;
    dlrpc_progress(now, NAN, INFINITY, "\xff", 1);
    return done();
}

static char *report_past_the_end(const char *context) {
    (void)context;
    dlrpc_progress(now, 12, 10, NULL, 0);
    return done();
}

static char *report_numbers(const char *context) {
    say_how_far((double)number_operand(context, "done", 0), (double)number_operand(context, "total", 0), "");
    return done();
}

static char *report_twice_and_crash(const char *context) {
    (void)context;
    say_how_far(1, 4, "one of four");
    usleep(5000); /* by now that is sent, and the next report is to follow soon */
    say_how_far(2, 4, "two of four");
    _exit(3);
}

/* A million times; the last is what counts. */
static char *report_often(const char *context) {
    (void)context;
    for (int i = 1; i <= 1000000; i++) say_how_far(i, 1000000, "");
    return done();
}

/* The same, and then nothing until it is to stop. */
static char *report_often_and_rest(const char *context) {
    free(report_often(context));
    while (!dlrpc_should_stop(now)) usleep(1000);
    return done();
}

/* Without a pause, until it is to stop. */
static char *report_without_pause(const char *context) {
    (void)context;
    for (double i = 1; !dlrpc_should_stop(now); i++) say_how_far(i, 0, "on and on");
    return done();
}

static char *emit_some(const char *context) {
    (void)context;
    emit("{\"n\":9007199254740993}");
    emit(" [1.0,\n2] ");
    emit("\"text\"");
    emit("null");
    return done();
}

static char *emit_numbers(const char *context) {
    const long most = number_operand(context, "count", 0);
    char number[32];
    for (long i = 0; i < most; i++) {
        snprintf(number, sizeof number, "%ld", i);
        emit(number);
    }
    return done();
}

static char *emit_half(const char *context) {
    (void)context;
    emit("1");
    emit("{\"n\":");
    emit("2");
    return done();
}

static char *emit_unportable(const char *context) {
    (void)context;
    emit("1e308");
    emit("1e400");
    return done();
}

static char *emit_latin1(const char *context) {
    (void)context;
    emit("\"\xe9\"");
    return done();
}

static char *emit_large(const char *context) {
    const size_t bytes = (size_t)number_operand(context, "bytes", 2);
    char *text = malloc(bytes + 1);
    if (text == NULL) abort();
    memset(text, 'x', bytes);
    text[0] = text[bytes - 1] = '"';
    int taken = dlrpc_output(now, text, bytes);
    free(text);
    return format(RESULT("{\"taken\":%d}"), taken);
}

static char *log_some(const char *context) {
    (void)context;
    say(DLRPC_ERROR, "bad");
    say(DLRPC_WARN, "odd");
    say(DLRPC_INFO, "news");
    say(DLRPC_DEBUG, "\xff detail");
    return done();
}

/* Texts that end inside a character: one that is whole, and one that is too long to be. */
static char *log_halves(const char *context) {
    (void)context;
    char text[16 * 1024 + 2];
    memset(text, 'x', sizeof text);
    memcpy(text + 16 * 1024 - 1, "\xc3\xa9", 3);
    say(DLRPC_WARN, "half \xc3");
    say(DLRPC_WARN, text);
    return done();
}

/* Everything for the call before this one, which is over. */
static char *speak_late(const char *context) {
    (void)context;
    dlrpc_progress(last_call, 1, 2, "late", 4);
    dlrpc_log(last_call, DLRPC_ERROR, "late", 4);
    int taken = dlrpc_output(last_call, "\"late\"", 6);
    return format(RESULT("{\"taken\":%d,\"shouldStop\":%d,\"remaining\":%lld}"), taken, dlrpc_should_stop(last_call),
                  (long long)dlrpc_remaining_ms(last_call));
}

static void *emit_on_thread(void *call) {
    const dlrpc_call mine = dlrpc_current_call(), theirs = *(dlrpc_call *)call;
    if (mine == 0) dlrpc_output(theirs, "\"from a thread\"", 15);
    return NULL;
}

static char *use_threads(const char *context) {
    (void)context;
    pthread_t threads[8];
    dlrpc_call call = now;
    for (size_t i = 0; i < LENGTH(threads); i++) pthread_create(&threads[i], NULL, emit_on_thread, &call);
    for (size_t i = 0; i < LENGTH(threads); i++) pthread_join(threads[i], NULL);
    return done();
}

static volatile sig_atomic_t asked_in_handler;
static void ask(int signal) {
    (void)signal;
    asked_in_handler = dlrpc_should_stop(now) == 0 && dlrpc_remaining_ms(now) > 0;
}

static char *ask_in_handler(const char *context) {
    (void)context;
    signal(SIGTERM, ask);
    raise(SIGTERM);
    return format(RESULT("{\"asked\":%s}"), asked_in_handler ? "true" : "false");
}

static char *remaining(const char *context) {
    (void)context;
    const int64_t left = dlrpc_remaining_ms(now);
    return left == INT64_MAX ? format(RESULT("{\"remaining\":null}")) : format(RESULT("{\"remaining\":%lld}"), (long long)left);
}

static char *until_stopped(const char *context) {
    mark(context);
    while (!dlrpc_should_stop(now)) usleep(1000);
    emit("\"after the stop\"");
    say(DLRPC_ERROR, "after the stop");
    return done();
}

static char *never(const char *context) {
    mark(context);
    for (;;) rest();
    return done();
}

static char *crash_when_stopped(const char *context) {
    mark(context);
    while (!dlrpc_should_stop(now)) usleep(1000);
    abort();
}

static const struct {
    const char *name;
    char *(*run)(const char *context);
} actions[] = {
    {"count", count},
    {"table", table},
    {"report", report},
    {"report-unknown", report_unknown},
    {"report-nonsense", report_nonsense},
    {"report-past-the-end", report_past_the_end},
    {"report-numbers", report_numbers},
    {"report-twice-and-crash", report_twice_and_crash},
    {"report-often", report_often},
    {"report-often-and-rest", report_often_and_rest},
    {"report-without-pause", report_without_pause},
    {"emit", emit_some},
    {"emit-numbers", emit_numbers},
    {"emit-half", emit_half},
    {"emit-unportable", emit_unportable},
    {"emit-latin1", emit_latin1},
    {"emit-large", emit_large},
    {"log", log_some},
    {"log-halves", log_halves},
    {"speak-late", speak_late},
    {"use-threads", use_threads},
    {"ask-in-handler", ask_in_handler},
    {"remaining", remaining},
    {"until-stopped", until_stopped},
    {"never", never},
    {"crash-when-stopped", crash_when_stopped},
};

uint32_t vtcode_plugin_version(void) { return VTCODE_PLUGIN_ABI_VERSION; }

const char *vtcode_plugin_metadata(void) {
    table_came_late = dlrpc_host == NULL;
    return strdup(METADATA);
}

void vtcode_plugin_free_string(const char *string) { free((char *)string); }

const char *vtcode_plugin_execute(const char *input_json) {
    char what[PATH_SIZE];
    atomic_fetch_add(&calls, 1);
    now = dlrpc_current_call();
    char *result = NULL;
    if (text_operand(input_json, "do", what))
        for (size_t i = 0; i < LENGTH(actions); i++)
            if (strcmp(actions[i].name, what) == 0) result = actions[i].run(input_json);
    last_call = now;
    return result;
}
