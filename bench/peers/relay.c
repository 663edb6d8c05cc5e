/* The broker of the isolated pair: passes whole frames on, to its worker and back. `relay WORKER [ARGUMENT...]`
   One thread for each direction, so that neither can hold up the other. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct direction {
  int from, to;
};

static void *pass_on(void *argument) {
  const struct direction *way = argument;
  size_t size = 65536, length = 0, wanted = 0;
  char *bytes = malloc(size);
  for (;;) {
    if (size < wanted || size == length) bytes = realloc(bytes, size = 2 * (wanted > size ? wanted : size));
    ssize_t n = bytes ? read(way->from, bytes + length, size - length) : 0;
    if (n <= 0) break;
    length += (size_t)n;
    size_t whole = 0; /* frames */
    while (whole < length) {
      const char *begin = bytes + whole;
      const char *blank = memmem(begin, length - whole, "\r\n\r\n", 4);
      if (!blank) break;
      wanted = (size_t)(blank - begin) + 4 + strtoull(begin + 16, NULL, 10);
      if (length - whole < wanted) break;
      whole += wanted;
    }
    for (size_t done = 0; done < whole;) {
      ssize_t written = write(way->to, bytes + done, whole - done);
      if (written <= 0) exit(1);
      done += (size_t)written;
    }
    memmove(bytes, bytes + whole, length - whole);
    length -= whole;
  }
  close(way->to);
  return NULL;
}

int main(int argc, char **argv) {
  int requests[2], answers[2];
  if (argc < 2 || pipe(requests) || pipe(answers)) return 1;
  if (fork() == 0) {
    dup2(requests[0], 0);
    dup2(answers[1], 1);
    for (int fd = 3; fd < 16; fd++) close(fd);
    execv(argv[1], argv + 1);
    perror(argv[1]);
    _exit(1);
  }
  close(requests[0]);
  close(answers[1]);
  struct direction in = {0, requests[1]}, out = {answers[0], 1};
  pthread_t thread;
  if (pthread_create(&thread, NULL, pass_on, &in)) return 1;
  pass_on(&out);
  return 0;
}
