#!/bin/sh
# koffi 3.3.4 on Node 24 (linux-x64, glibc): on which stack does a foreign function run?
#
# Guessed: on the stack of the thread that called it, as with libffi, ctypes, JNI or a call in C, since the call is
#   synchronous and koffi's documents name no other.
# Seen: on a block of memory of koffi's own. A local variable of the called function lies outside the stack that
#   pthread_getattr_np(3) tells of the calling thread. Whatever scans or checks its stack by those bounds (conservative
#   garbage collectors, the runtimes of several languages) is right in a program in C and wrong below koffi.
#
# Needs npm, a C compiler and the network.
set -eu
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
cd "$here"

cat > stack.c <<'C'
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>

/* 1 where a local variable lies on the thread's stack, 0 where it does not. */
int runs_on_own_stack(void) {
  pthread_attr_t attributes;
  void *lowest;
  size_t size;
  int local;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return -1;
  pthread_attr_getstack(&attributes, &lowest, &size);
  pthread_attr_destroy(&attributes);
  uintptr_t here = (uintptr_t)&local, least = (uintptr_t)lowest;
  return here >= least && here < least + size;
}
#ifdef PROGRAM
#include <stdio.h>
int main(void) { return printf("%d\n", runs_on_own_stack()) < 0; }
#endif
C
cc -O1 -shared -fPIC -o libstack.so stack.c -lpthread
cc -O1 -DPROGRAM -o stack stack.c -lpthread

cat > call.cjs <<'JS'
const koffi = require("koffi");
console.log(koffi.load(process.argv[2]).func("int runs_on_own_stack()")());
JS
npm init -y >/dev/null
npm install --silent --no-fund --no-audit node@24.12.0 koffi@3.3.4 >/dev/null

in_c=$(./stack)
in_koffi=$(node_modules/.bin/node call.cjs "$here/libstack.so")
echo "$(node_modules/.bin/node --version), koffi $(node_modules/.bin/node -p 'require("koffi").version')"
echo "on the thread's own stack: from C $in_c, through koffi $in_koffi"
[ "$in_c" = 1 ] && [ "$in_koffi" = 0 ]
