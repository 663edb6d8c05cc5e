#!/bin/sh
# koffi 3.3.4 on Node 24 (linux-x64), on Linux 6.18 and others: does the limit on the size of files (`ulimit -f`, setrlimit(2),
# RLIMIT_FSIZE) hold for memory files (memfd_create(2))?
#
# Guessed: no. A memory file has no name and no disk, memfd_create(2) names no such limit, and memory has limits of its own.
# Seen: yes, as for any file: ftruncate(2) beyond it fails with EFBIG, whereas as much memory is to be had by mmap(2). A loader
#   that runs programs or shares memory by memory files is bounded by a limit that its user has set for logs and dumps.
#
# Needs npm and the network.
set -eu
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
cd "$here"

cat > memory.cjs <<'JS'
const koffi = require("koffi");
const { closeSync, ftruncateSync } = require("node:fs");
const libc = koffi.load(null);
const memfdCreate = libc.func("int memfd_create(str, uint)");
const mmap = libc.func("intptr_t mmap(intptr_t, size_t, int, int, int, int64_t)");
const PRIVATE_ANONYMOUS = 0x22;
const bytes = 1 << 20;
const descriptor = memfdCreate("memory", 0);
let file = "made";
try {
  ftruncateSync(descriptor, bytes);
} catch (error) {
  file = error.code;
}
closeSync(descriptor);
const memory = Number(mmap(0, bytes, 3, PRIVATE_ANONYMOUS, -1, 0)) === -1 ? "refused" : "made";
console.log(`file ${file}, memory ${memory}`);
JS
npm init -y >/dev/null
npm install --silent --no-fund --no-audit node@24.12.0 koffi@3.3.4 >/dev/null
node="$here/node_modules/.bin/node"

free=$("$node" memory.cjs)
limited=$(trap '' XFSZ; ulimit -S -f 512; "$node" memory.cjs) # in units of 512 bytes in sh, of 1 KiB in bash
echo "1 MiB without a limit: $free; with ulimit -f 512: $limited"
[ "$free" = "file made, memory made" ] && [ "$limited" = "file EFBIG, memory made" ]
