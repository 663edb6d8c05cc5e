#!/usr/bin/env bash
# Runs a program for Windows by Wine 10, as Debian trixie has it: older ones do not start Node. The first time it installs
# that, which takes two minutes and 1 GB. Needs root and debootstrap.
#
# Usage: test/windows/wine.sh DIRECTORY PROGRAM [ARGUMENT …]
#
# The program finds this project as Z:\dlrpc, where it cannot write, and DIRECTORY as Z:\work, where it begins. Of this
# machine it sees nothing else, and what it leaves running ends with it. One runs at a time: they share a registry.
# Where DLRPC_WINE_TERMINAL is set, the program is on the terminal that this was started on, and reads what is typed there.
# DLRPC_WINE_ROOT is where Wine is installed; by default it is in the directory for temporary files.
set -euo pipefail
project=$(cd "$(dirname "$0")/../.." && pwd)
root=${DLRPC_WINE_ROOT:-${TMPDIR:-/tmp}/dlrpc-wine}
work=$(realpath "$1")
shift

exec 9>"$root.lock"
flock 9

install() {
  rm -rf --one-file-system "$root"
  # Where this machine has its packages from.
  mirror=$(apt-get indextargets --format '$(SITE)' | grep -m 1 /debian$)
  debootstrap --variant=minbase --include=wine,wine64 trixie "$root" "$mirror"
  mkdir "$root/dlrpc" "$root/work"
}

# A root directory of its own, not only chroot(2), and numbers of processes of its own.
# shellcheck disable=SC2016
inside='
  mount --bind "$1" "$1"
  mount --rbind /dev "$1/dev"
  mount -t proc proc "$1/proc"
  mount -t tmpfs tmp "$1/tmp"
  mount --bind "$2" "$1/dlrpc"
  mount -o remount,bind,ro "$1/dlrpc"
  mount --bind "$3" "$1/work"
  cd "$1"
  pivot_root . mnt
  umount -l /mnt
  cd /work
  watched=$4
  shift 4
  in_wine() {
    env -i PATH=/usr/bin:/bin HOME=/root LANG=C.UTF-8 WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml=" \
      WINEARCH=win64 XDG_RUNTIME_DIR=/tmp "$@"
  }
  if [ "$watched" = yes ]; then
    in_wine wineserver --persistent
    {
      in_wine wineserver --wait
      echo "wine.sh: Wine'"'"'s server has ended before the program: it has crashed, or something has ended it. Nothing" \
        "in Wine goes on without it; run it again." >&2
      kill -KILL -1
    } &
  fi
  status=0
  in_wine "$@" || status=$?
  exit "$status"
'
# Whatever ends this script ends that, too: it holds the lock.
begin() { setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child -- bash -euc "$inside" bash "$root" "$project" "$work" "$@"; }
# Without its server what is in Wine would wait for ever.
enter() { begin yes "$@"; }

if [ ! -e "$root/is-installed" ]; then
  { install && begin no sh -c "wine wineboot --init && wineserver --wait" && touch "$root/is-installed"; } >"$root.log" 2>&1 || {
    cat "$root.log" >&2
    exit 1
  }
fi
if [ -n "${DLRPC_WINE_TERMINAL:-}" ]; then
  enter wine "$@"
  exit
fi
# Node finds no pipe of the host's: what it prints goes by files.
output=$(mktemp)
errors=$(mktemp)
trap 'rm "$output" "$errors"' EXIT
status=0
enter wine "$@" </dev/null >"$output" 2>"$errors" || status=$?
cat "$output"
cat "$errors" >&2
exit "$status"
