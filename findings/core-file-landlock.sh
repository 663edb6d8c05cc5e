#!/bin/sh
# Linux 6.18 (x86-64), glibc 2.36: does a process that has confined itself by Landlock leave a core file?
#
# Guessed: yes. The kernel itself writes the file, after the process is gone, by core_pattern and RLIMIT_CORE alone, as it
#   writes one for a process that has given up its right to create files by other means, such as a filter of open(2).
# Seen: none. The ruleset holds for the kernel's own writing, too: a domain that may not make and write files in the working
#   directory loses its core, though a filter of system calls that refuses to open files for writing does not take it.
#   Nothing tells why: the parent hears of the signal, and that no core was dumped.
#
# Needs python3, Landlock, and a core_pattern that names a file in the working directory.
set -eu
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
cd "$here"

pattern=$(cat /proc/sys/kernel/core_pattern)
case $pattern in */* | '|'*) echo "core_pattern is $pattern; \"core\" is needed"; exit 2 ;; esac

cat > crash.py <<'PY'
import ctypes, os, resource, struct, sys

libc = ctypes.CDLL(None, use_errno=True)
RULESET, RESTRICT = 444, 446  # landlock_create_ruleset(2), landlock_restrict_self(2)
WRITE_FILE, MAKE_REG = 1 << 1, 1 << 8
NO_NEW_PRIVS, SET_SECCOMP, FILTER = 38, 22, 2
OPENAT, WRITES = 257, os.O_WRONLY | os.O_RDWR | os.O_CREAT

resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2)
libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0)
if sys.argv[1] == "landlock":
    handled = ctypes.create_string_buffer(struct.pack("Q", WRITE_FILE | MAKE_REG))
    ruleset = libc.syscall(RULESET, handled, 8, 0)
    if ruleset < 0 or libc.syscall(RESTRICT, ruleset, 0) != 0:
        sys.exit("there is no Landlock")
if sys.argv[1] == "seccomp":  # openat(2) for writing is refused
    program = [(0x20, 0, 0, 0), (0x15, 0, 3, OPENAT), (0x20, 0, 0, 32), (0x45, 0, 1, WRITES),
               (0x06, 0, 0, 0x00050001), (0x06, 0, 0, 0x7FFF0000)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *one) for one in program))
    if libc.prctl(SET_SECCOMP, FILTER, struct.pack("HxxxxxxQ", len(program), ctypes.addressof(code)), 0, 0) != 0:
        sys.exit("there is no seccomp")
if sys.argv[1] != "nothing":
    try:
        open("made", "w")
        sys.exit("a file could be made")
    except PermissionError:
        pass
os.abort()
PY

found=""
for by in nothing seccomp landlock; do
  rm -f core core.*
  python3 - "$by" <<'PY'
import os, subprocess, sys
child = subprocess.Popen([sys.executable, "crash.py", sys.argv[1]])
_, status = os.waitpid(child.pid, 0)
child.returncode = 0
print(f"confined by {sys.argv[1]}: signal {os.WTERMSIG(status) if os.WIFSIGNALED(status) else status}, core dumped: {os.WCOREDUMP(status)}")
PY
  [ -n "$(find . -name 'core*' -size +0)" ] && found="$found $by"
done
echo "core files of those confined by:$found"
[ "$found" = " nothing seccomp" ]
