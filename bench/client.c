/* The benchmark's client: starts one server behind two pipes, and does with it what its own stdin says, a line each.

     client headers|lines CORE|- COMMAND [ARGUMENT...]

   CORE pins the client and the server to one core, where other work then waits for them if this user may ask for that
   (root may). Commands, each answered by one line of JSON; times in nanoseconds:

     ask FILE...                sends the messages of all files at once and waits for as many answers
                                {"ns":…,"sinceFirst":…,"sinceStart":…,"bytes":…,"answer":"hex of the last answer's first bytes"}
     tell FILE                  sends a message that is not answered, or later: {}
     gather FILE TIMES          sends it, and reads up to its answer; so many times. `late` is the median of the times that
                                notifications took in which a time stands as "@digits"
                                {"notifications":…,"ns":…,"late":…}
     latency FILE CALLS NS      one call at a time, at most so many and not longer than that
                                {"calls":…,"min":…,"p50":…,"p90":…,"p99":…,"max":…}
     flow FILE WINDOW NS        WINDOW calls in flight, for so long; the times of at most the first MOST_CALLS
                                {"calls":…,"ns":…,"p50":…,"p99":…}
     pid                        {"pid":…}
     end                        closes the server's stdin and waits for its end: {"sinceStart":…}

   In a message of `latency` and `flow` the first `"id":10000000` is counted up. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ID_DIGITS = 8, SHOWN_BYTES = 2048, MOST_CALLS = 1000000, MOST_MESSAGES = 16 };

static bool with_headers;
static int to_server, from_server;
static pid_t server;
static int64_t started;

static _Noreturn void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("client: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(1);
}

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void *need(void *memory) {
  if (!memory) fail("out of memory");
  return memory;
}

/* What has come from the server: bytes[from..to) are not used yet. */
static struct {
  char *bytes;
  size_t from, to, size;
} input;

/* Makes room and reads once. False where nothing is there yet (of a descriptor that does not block). */
static bool receive(size_t wanted) {
  if (input.from == input.to) input.from = input.to = 0;
  if (input.size - input.from < wanted || input.to == input.size) {
    memmove(input.bytes, input.bytes + input.from, input.to - input.from);
    input.to -= input.from;
    input.from = 0;
  }
  if (input.size < wanted || input.to == input.size) {
    input.size = 2 * (wanted > input.size ? wanted : input.size);
    input.bytes = need(realloc(input.bytes, input.size));
  }
  ssize_t n = read(from_server, input.bytes + input.to, input.size - input.to);
  if (n == 0) fail("the server closed its stdout");
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (n < 0) fail("read: %s", strerror(errno));
  input.to += (size_t)n;
  return true;
}

struct answer {
  const char *body;
  size_t length;
};

/* Takes a whole answer out of the input, which stays valid until the next `receive`. `wanted`: bytes it needs in all. */
static bool take(struct answer *answer, size_t *wanted) {
  static size_t looked; /* of a line: where no end was */
  const char *begin = input.bytes + input.from;
  size_t length = input.to - input.from;
  if (!with_headers) {
    const char *end = length > looked ? memchr(begin + looked, '\n', length - looked) : NULL;
    looked = end ? 0 : length;
    *wanted = length + 1;
    if (!end) return false;
    *answer = (struct answer){begin, (size_t)(end - begin)};
    input.from += answer->length + 1;
    return true;
  }
  const char *blank = length == 0 ? NULL : memmem(begin, length < 512 ? length : 512, "\r\n\r\n", 4);
  *wanted = length + 1;
  if (!blank) return false;
  const char *field = memmem(begin, (size_t)(blank - begin), "Content-Length: ", 16);
  if (!field) fail("an answer without Content-Length");
  size_t header = (size_t)(blank - begin) + 4, body = strtoull(field + 16, NULL, 10);
  *wanted = header + body;
  if (length < header + body) return false;
  *answer = (struct answer){begin + header, body};
  input.from += header + body;
  return true;
}

static struct answer next_message(void) {
  struct answer message;
  size_t wanted;
  while (!take(&message, &wanted)) receive(wanted);
  return message;
}

static bool is_notification(struct answer message) {
  static const char begin[] = "{\"jsonrpc\":\"2.0\",\"method\"";
  return message.length >= sizeof begin - 1 && memcmp(message.body, begin, sizeof begin - 1) == 0;
}

static struct answer next_answer(void) {
  for (;;) {
    struct answer message = next_message();
    if (!is_notification(message)) return message;
  }
}

static void send_all(const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t n = write(to_server, bytes, length);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("write: %s", strerror(errno));
    bytes += n;
    length -= (size_t)n;
  }
}

struct message {
  char *bytes; /* framed */
  size_t length;
  char *id; /* in bytes, or NULL */
};

static struct message read_message(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) fail("%s: %s", path, strerror(errno));
  fseek(file, 0, SEEK_END);
  size_t size = (size_t)ftell(file);
  rewind(file);
  struct message message = {need(malloc(size + 64)), 0, NULL};
  if (with_headers) message.length = (size_t)sprintf(message.bytes, "Content-Length: %zu\r\n\r\n", size);
  if (fread(message.bytes + message.length, 1, size, file) != size) fail("%s: cannot be read", path);
  fclose(file);
  message.length += size;
  if (!with_headers) message.bytes[message.length++] = '\n';
  const char mark[] = "\"id\":10000000";
  char *id = memmem(message.bytes, message.length, mark, sizeof mark - 1);
  if (id) message.id = id + 5;
  return message;
}

static void write_id(char *place, unsigned id) {
  for (int i = ID_DIGITS - 1; i >= 0; i--, id /= 10) place[i] = (char)('0' + id % 10);
}

enum { FIRST_ID = 10000000 };
static unsigned last_id = FIRST_ID;

/* The id of an answer, which stands near its begin or near its end. */
static unsigned id_of(struct answer answer) {
  enum { NEAR = 64 };
  static const char mark[] = "\"id\":";
  const size_t near = answer.length < NEAR ? answer.length : NEAR;
  const char *id = memmem(answer.body, near, mark, sizeof mark - 1);
  if (!id) id = memmem(answer.body + answer.length - near, near, mark, sizeof mark - 1);
  if (!id) fail("an answer without an id: %.*s", (int)near, answer.body);
  return (unsigned)strtoul(id + sizeof mark - 1, NULL, 10);
}

/* An answer must be as long as the first one of its kind, which says success or holds a result, and not be an error. */
static void check(struct answer answer, size_t *length) {
  if (*length == answer.length) return;
  if (*length != 0) fail("an answer of %zu bytes, where %zu came before", answer.length, *length);
  const bool is_result = memmem(answer.body, answer.length, "success", 7) || /* dlrpc's, or MCP's */
                         memmem(answer.body, answer.length, "\"structuredContent\":", 20);
  if (!is_result || memmem(answer.body, answer.length, "\"error\":{", 9) || memmem(answer.body, answer.length, "\"isError\":true", 14)) {
    fail("not a success: %.*s", (int)(answer.length < 500 ? answer.length : 500), answer.body);
  }
  *length = answer.length;
}

static int by_size(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static void latency(const char *path, int64_t calls, int64_t ns) {
  static int64_t took[MOST_CALLS];
  struct message message = read_message(path);
  size_t length = 0;
  int64_t n = 0;
  for (int64_t end = now() + ns; n < calls && n < MOST_CALLS;) {
    write_id(message.id, ++last_id);
    int64_t before = now();
    send_all(message.bytes, message.length);
    struct answer answer = next_answer();
    int64_t after = now();
    check(answer, &length);
    took[n++] = after - before;
    if (after > end) break;
  }
  free(message.bytes);
  qsort(took, (size_t)n, sizeof *took, by_size);
  printf("{\"calls\":%" PRId64 ",\"min\":%" PRId64 ",\"p50\":%" PRId64 ",\"p90\":%" PRId64 ",\"p99\":%" PRId64
         ",\"max\":%" PRId64 "}\n",
         n, took[0], took[n / 2], took[n * 9 / 10], took[n * 99 / 100], took[n - 1]);
}

static void gather(const char *path, int64_t times) {
  static int64_t took[MOST_CALLS];
  struct message message = read_message(path);
  int64_t stamped = 0, notifications = 0, before = now();
  for (; times > 0; times--) {
    if (message.id) write_id(message.id, ++last_id);
    send_all(message.bytes, message.length);
    for (;;) {
      struct answer next = next_message();
      if (!is_notification(next)) {
        if (memmem(next.body, next.length, "\"error\":{", 9)) fail("an error: %.*s", (int)next.length, next.body);
        break;
      }
      notifications++;
      const char *stamp = memmem(next.body, next.length, "\"@", 2);
      if (stamp && stamped < MOST_CALLS) took[stamped++] = now() - strtoll(stamp + 2, NULL, 10);
    }
  }
  int64_t ns = now() - before;
  free(message.bytes);
  qsort(took, (size_t)stamped, sizeof *took, by_size);
  printf("{\"notifications\":%" PRId64 ",\"ns\":%" PRId64 ",\"late\":%" PRId64 "}\n", notifications, ns, took[stamped / 2]);
}

static void set_blocking(bool blocking) {
  int flags = blocking ? 0 : O_NONBLOCK;
  fcntl(to_server, F_SETFL, O_WRONLY | flags);
  fcntl(from_server, F_SETFL, O_RDONLY | flags);
}

/* Messages of one length, which are sent in turn. @return how many there are */
static int read_messages(char *paths, struct message *messages) {
  int count = 0;
  for (char *path = strtok(paths, ","); path && count < MOST_MESSAGES; path = strtok(NULL, ",")) {
    messages[count++] = read_message(path);
    if (messages[count - 1].length != messages[0].length) fail("%s: not as long as the first", path);
  }
  if (count == 0) fail("flow needs a message");
  return count;
}

/* Copies of the messages, as many as may be sent at once: small ones leave in one write. */
static void flow(char *paths, int64_t window, int64_t ns) {
  struct message messages[MOST_MESSAGES] = {0};
  const int kinds = read_messages(paths, messages);
  struct message message = messages[0];
  const size_t id_at = (size_t)(message.id - message.bytes);
  const size_t copies = message.length > 65536 ? 1 : (size_t)window;
  char *block = need(malloc(copies * message.length));
  for (size_t i = 0; i < copies; i++) memcpy(block + i * message.length, message.bytes, message.length);
  size_t sent = 0, ready = 0; /* in block */
  static int64_t sent_at[MOST_CALLS], took[MOST_CALLS];
  const unsigned first_id = last_id + 1;
  size_t length = 0, wanted = 1;
  int64_t begun = 0, answered = 0, timed = 0, calls = INT64_MAX;
  set_blocking(false);
  const int64_t before = now();
  int64_t after = before;
  while (answered < calls) {
    if (sent == ready) {
      sent = ready = 0;
      if (after - before >= ns) calls = begun;
      for (size_t i = 0; i < copies && begun - answered < window && begun < calls; i++, begun++) {
        if (kinds > 1) memcpy(block + ready, messages[begun % kinds].bytes, message.length);
        write_id(block + ready + id_at, ++last_id);
        if (begun < MOST_CALLS) sent_at[begun] = after;
        ready += message.length;
      }
    }
    if (sent < ready) {
      ssize_t n = write(to_server, block + sent, ready - sent);
      if (n < 0 && errno != EAGAIN && errno != EINTR) fail("write: %s", strerror(errno));
      if (n > 0) sent += (size_t)n;
    }
    bool got = begun > answered && receive(wanted);
    after = now();
    for (struct answer answer; got && take(&answer, &wanted); answered++) {
      check(answer, &length);
      const unsigned call = id_of(answer) - first_id;
      if (call < MOST_CALLS) took[timed++] = after - sent_at[call];
    }
    if (got || answered >= calls || (sent == ready && begun - answered < window && begun < calls)) continue;
    struct pollfd waits[] = {{from_server, POLLIN, 0}, {to_server, POLLOUT, 0}};
    poll(waits, sent < ready ? 2 : 1, -1);
  }
  set_blocking(true);
  free(block);
  for (int i = 0; i < kinds; i++) free(messages[i].bytes);
  qsort(took, (size_t)timed, sizeof *took, by_size);
  printf("{\"calls\":%" PRId64 ",\"ns\":%" PRId64 ",\"p50\":%" PRId64 ",\"p99\":%" PRId64 "}\n", answered, after - before,
         took[timed / 2], took[timed * 99 / 100]);
}

static void ask(char *paths) {
  struct message messages[MOST_MESSAGES];
  int count = 0;
  for (char *path = strtok(paths, " "); path && count < MOST_MESSAGES; path = strtok(NULL, " ")) messages[count++] = read_message(path);
  int64_t before = now();
  for (int i = 0; i < count; i++) send_all(messages[i].bytes, messages[i].length);
  struct answer answer = {0};
  int64_t first = 0;
  for (int i = 0; i < count; i++) {
    answer = next_answer();
    if (i == 0) first = now();
  }
  int64_t after = now();
  printf("{\"ns\":%" PRId64 ",\"sinceFirst\":%" PRId64 ",\"sinceStart\":%" PRId64 ",\"bytes\":%zu,\"answer\":\"",
         after - before, after - first, after - started, answer.length);
  for (size_t i = 0; i < answer.length && i < SHOWN_BYTES; i++) printf("%02x", (unsigned char)answer.body[i]);
  printf("\"}\n");
  for (int i = 0; i < count; i++) free(messages[i].bytes);
}

static void start(char **command) {
  int requests[2], answers[2];
  if (pipe2(requests, O_CLOEXEC) || pipe2(answers, O_CLOEXEC)) fail("pipe2: %s", strerror(errno));
  started = now();
  server = fork();
  if (server < 0) fail("fork: %s", strerror(errno));
  if (server == 0) {
    dup2(requests[0], 0);
    dup2(answers[1], 1);
    signal(SIGPIPE, SIG_DFL);
    execvp(command[0], command);
    fail("%s: %s", command[0], strerror(errno));
  }
  close(requests[0]);
  close(answers[1]);
  to_server = requests[1];
  from_server = answers[0];
}

static void pin(int core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(core, &cores);
  if (sched_setaffinity(0, sizeof cores, &cores)) fail("sched_setaffinity: %s", strerror(errno));
  struct sched_param lowest = {.sched_priority = 1};
  if (sched_setscheduler(0, SCHED_RR, &lowest) && errno != EPERM) fail("sched_setscheduler: %s", strerror(errno));
}

int main(int argc, char **argv) {
  if (argc < 4) fail("usage: client headers|lines CORE|- COMMAND [ARGUMENT...]");
  with_headers = strcmp(argv[1], "headers") == 0;
  if (strcmp(argv[2], "-") != 0) pin(atoi(argv[2]));
  signal(SIGPIPE, SIG_IGN);
  input.bytes = need(malloc(input.size = 65536));
  start(argv + 3);

  char *line = NULL;
  size_t size = 0;
  for (ssize_t n; (n = getline(&line, &size, stdin)) > 0; fflush(stdout)) {
    line[n - 1] = '\0';
    char path[8192];
    int64_t window, calls, ns;
    if (strncmp(line, "ask ", 4) == 0) {
      ask(line + 4);
    } else if (sscanf(line, "latency %8191s %" SCNd64 " %" SCNd64, path, &calls, &ns) == 3) {
      latency(path, calls, ns);
    } else if (sscanf(line, "flow %8191s %" SCNd64 " %" SCNd64, path, &window, &ns) == 3) {
      flow(path, window, ns);
    } else if (sscanf(line, "gather %8191s %" SCNd64, path, &calls) == 2) {
      gather(path, calls);
    } else if (sscanf(line, "tell %8191s", path) == 1) {
      struct message message = read_message(path);
      send_all(message.bytes, message.length);
      free(message.bytes);
      puts("{}");
    } else if (strcmp(line, "pid") == 0) {
      printf("{\"pid\":%d}\n", server);
    } else if (strcmp(line, "end") == 0) {
      close(to_server);
      waitpid(server, NULL, 0);
      printf("{\"sinceStart\":%" PRId64 "}\n", now() - started);
    } else {
      fail("not a command: %s", line);
    }
  }
  return 0;
}
