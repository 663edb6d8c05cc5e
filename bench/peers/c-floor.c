/* The floor: reads a frame, calls the plugin, writes a frame, with no JSON at all. `c-floor LIBRARY`

   It relies on what the benchmark's client sends: the id is a number, the input is the last member of params. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *(*execute)(const char *);
static void (*free_string)(const char *);

struct buffer {
  char *bytes;
  size_t length, size;
};

static char *room(struct buffer *buffer, size_t more) {
  if (buffer->size - buffer->length < more) {
    buffer->size = 2 * (buffer->length + more);
    buffer->bytes = realloc(buffer->bytes, buffer->size);
    if (!buffer->bytes) exit(1);
  }
  return buffer->bytes + buffer->length;
}

static void add(struct buffer *buffer, const char *bytes, size_t length) {
  memcpy(room(buffer, length), bytes, length);
  buffer->length += length;
}

static void write_all(struct buffer *buffer) {
  for (size_t done = 0; done < buffer->length;) {
    ssize_t n = write(1, buffer->bytes + done, buffer->length - done);
    if (n <= 0) exit(1);
    done += (size_t)n;
  }
  buffer->length = 0;
}

static void answer(const char *body, size_t length, struct buffer *output) {
  static struct buffer context;
  static const char key[] = "\"input\":", rest[] = ",\"workspace_root\":null,\"config\":{}}";
  const char *id = memmem(body, length, "\"id\":", 5);
  const char *input = memmem(body, length < 200 ? length : 200, key, sizeof key - 1);
  const char *result = "{\"handle\":\"peer\"}";
  if (input) {
    context.length = 0;
    add(&context, "{", 1);
    add(&context, input, (size_t)(body + length - 2 - input)); /* without params' and the request's own brace */
    add(&context, rest, sizeof rest);
    result = execute(context.bytes);
  }
  char head[128];
  int id_length = (int)strspn(id + 5, "0123456789");
  int begin = sprintf(head, "{\"jsonrpc\":\"2.0\",\"id\":%.*s,\"result\":", id_length, id + 5);
  size_t result_length = strlen(result);
  char *place = room(output, 64);
  output->length += (size_t)sprintf(place, "Content-Length: %zu\r\n\r\n", (size_t)begin + result_length + 1);
  add(output, head, (size_t)begin);
  add(output, result, result_length);
  add(output, "}", 1);
  if (input) free_string(result);
}

int main(int argc, char **argv) {
  void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
  if (!library) return fprintf(stderr, "c-floor: %s\n", dlerror()), 1;
  *(void **)&execute = dlsym(library, "vtcode_plugin_execute");
  *(void **)&free_string = dlsym(library, "vtcode_plugin_free_string");
  if (!execute || !free_string) return 1;

  struct buffer input = {0}, output = {0};
  for (size_t wanted = 0;;) { /* bytes that the next frame is known to have */
    char *place = room(&input, wanted > input.length + 65536 ? wanted - input.length : 65536);
    ssize_t n = read(0, place, input.size - input.length);
    if (n <= 0) return 0;
    input.length += (size_t)n;
    size_t used = 0;
    for (wanted = 0; used < input.length;) {
      const char *begin = input.bytes + used;
      const char *blank = memmem(begin, input.length - used, "\r\n\r\n", 4);
      if (!blank) break;
      size_t header = (size_t)(blank - begin) + 4, body = strtoull(begin + 16, NULL, 10);
      wanted = header + body;
      if (input.length - used < wanted) break;
      answer(begin + header, body, &output);
      used += wanted;
      wanted = 0;
    }
    memmove(input.bytes, input.bytes + used, input.length - used);
    input.length -= used;
    if (output.length > 0) write_all(&output);
  }
}
