#include "give-up.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void give_up(const char *what) {
  fprintf(stderr, "dlrpc's worker: %s: %s\n", what, strerror(errno));
  exit(1);
}
