/* What the streaming plugin does, as a program in C that knows no JSON: alone it is one of two programs at one pipe, behind
   relay.c it is the worker of a pair. `streamer`

   It relies on what the benchmark's client sends: the id is a number, frames are small. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { VALUE_BYTES = 100 };

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* One write for a frame, as whoever hands over one thing at a time does. */
static void send_frame(const char *body, size_t length) {
  char frame[1024];
  size_t whole = (size_t)sprintf(frame, "Content-Length: %zu\r\n\r\n", length);
  memcpy(frame + whole, body, length);
  whole += length;
  for (size_t done = 0; done < whole;) {
    ssize_t n = write(1, frame + done, whole - done);
    if (n <= 0) exit(1);
    done += (size_t)n;
  }
}

static void answer(const char *body, size_t length) {
  char text[512];
  const char *id = memmem(body, length, "\"id\":", 5), *values = memmem(body, length, "\"values\":", 9);
  int id_length = (int)strspn(id + 5, "0123456789");
  if (memmem(body, length, "\"progress\":true", 15)) {
    static const char form[] = "{\"jsonrpc\":\"2.0\",\"method\":\"$/progress\",\"params\":{\"token\":1,\"value\":{\"kind\":"
                               "\"report\",\"percentage\":50,\"message\":\"@%0*" PRId64 "\",\"done\":1,\"total\":2}}}";
    send_frame(text, (size_t)sprintf(text, form, VALUE_BYTES - 1, now()));
  }
  char value[VALUE_BYTES + 1] = {0};
  memset(value, 'x', VALUE_BYTES);
  value[0] = value[VALUE_BYTES - 1] = '"';
  size_t whole = (size_t)sprintf(text, "{\"jsonrpc\":\"2.0\",\"method\":\"plugin/output\",\"params\":{\"requestId\":%.*s,\"value\":%s}}",
                                 id_length, id + 5, value);
  for (long left = values ? strtol(values + 9, NULL, 10) : 0; left > 0; left--) send_frame(text, whole);
  const char form[] = "{\"jsonrpc\":\"2.0\",\"id\":%.*s,\"result\":{\"handle\":\"peer\",\"success\":true}}";
  send_frame(text, (size_t)sprintf(text, form, id_length, id + 5));
}

int main(void) {
  char input[65536];
  for (size_t length = 0;;) {
    ssize_t n = read(0, input + length, sizeof input - length);
    if (n <= 0) return 0;
    length += (size_t)n;
    for (;;) {
      const char *blank = memmem(input, length, "\r\n\r\n", 4);
      if (!blank) break;
      size_t header = (size_t)(blank - input) + 4, body = strtoull(input + 16, NULL, 10);
      if (length < header + body) break;
      answer(input + header, body);
      memmove(input, input + header + body, length -= header + body);
    }
  }
}
