#!/bin/sh
# Node 24 (the official binary of npm's `node`): whose function does a library call that a program has dlopened?
#
# Guessed: a library opened with RTLD_LOCAL calls its own functions, since what Node has linked in statically (zlib and
#   others) is Node's business: V8's and Node-API's names are what addons need, and the others would be hidden.
# Seen: Node's binary exports them all, tens of thousands of names, and is first in every search: a library that has a
#   function called like one of zlib's gets zlib's instead of its own, without a word. The same library is right in a
#   program in C.
#
# Needs npm, a C compiler, nm and the network.
set -eu
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
cd "$here"

cat > own.c <<'C'
/* Not zlib's: it counts. Callers pass what zlib's can take as well. */
unsigned long adler32(unsigned long start, const unsigned char *bytes, unsigned count) {
  (void)bytes;
  return start * 1000 + count;
}
unsigned long own_answer(void) { return adler32(7, (const unsigned char *)"abc", 3); }
C
cc -O0 -shared -fPIC -o libown.so own.c

cat > program.c <<'C'
#include <dlfcn.h>
#include <stdio.h>
int main(int count, char **arguments) {
  void *library = dlopen(arguments[count - 1], RTLD_NOW | RTLD_LOCAL);
  unsigned long (*answer)(void) = (unsigned long (*)(void))dlsym(library, "own_answer");
  return printf("%lu\n", answer()) < 0;
}
C
cc -o program program.c -ldl

npm init -y >/dev/null
npm install --silent --no-fund --no-audit node@24.12.0 koffi@3.3.4 >/dev/null
cat > call.cjs <<'JS'
console.log(require("koffi").load(process.argv[2]).func("unsigned long own_answer()")());
JS

in_c=$(./program "$here/libown.so")
in_node=$(node_modules/.bin/node call.cjs "$here/libown.so")
names=$(nm -D --defined-only "$(node_modules/.bin/node -p process.execPath)" | wc -l)
echo "$(node_modules/.bin/node --version) exports $names names, among them zlib's"
echo "the library's own function says 7003: in C $in_c, in Node $in_node"
[ "$in_c" = 7003 ] && [ "$in_node" != 7003 ] && [ "$names" -gt 10000 ]
