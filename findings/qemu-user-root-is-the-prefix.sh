#!/bin/sh
# qemu-user 7.2 (Debian 12), qemu-aarch64 -L DIR: what does a program see that opens "/" and goes on from there?
#
# Guessed: the manual calls DIR the ELF interpreter's prefix, so it matters for the loader and its libraries; at most a
#   path that exists beneath DIR is taken from there. Either way openat(open("/"), "tmp") is what open("/tmp") is.
# Seen: "/" itself exists beneath DIR, so that opening it answers DIR. A program that walks a path part by part from the
#   root with openat(2), as those do that let no part be a link, does not find what it finds by the whole path.
#
# Needs Debian 12's apt (it downloads, and installs nothing) with gcc for arm64 and its C library installed, and the network.
set -eu
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
cd "$here"

version=1:7.2+dfsg-7+deb12u18+b3
apt-get download -qq "qemu-user=$version" >/dev/null
dpkg -x qemu-user_*.deb .

cat > walk.c <<'C'
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
int main(int count, char **arguments) {
  (void)count;
  struct stat whole, parts;
  int root = open("/", O_RDONLY | O_DIRECTORY);
  int by_whole = stat(arguments[1], &whole), by_parts = fstatat(root, arguments[1] + 1, &parts, 0);
  printf("by the whole path %s, from an open \"/\" %s\n", by_whole == 0 ? "found" : "not found",
         by_parts == 0 ? "found" : "not found");
  return 0;
}
C
aarch64-linux-gnu-gcc -o walk walk.c
cc -o walk-here walk.c

touch "$here/there"
natively=$(./walk-here "$here/there")
emulated=$(usr/bin/qemu-aarch64 -L /usr/aarch64-linux-gnu ./walk "$here/there")
usr/bin/qemu-aarch64 --version | head -1
echo "natively: $natively"
echo "emulated: $emulated"
[ "$natively" = 'by the whole path found, from an open "/" found' ]
[ "$emulated" = 'by the whole path found, from an open "/" not found' ]
