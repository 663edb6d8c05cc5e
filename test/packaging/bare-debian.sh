#!/usr/bin/env bash
# Runs the README's two commands in a Debian that has what the README asks for (Node, npm, a C compiler) and nothing
# else: what a user's machine lacks, the machine of a developer hides. Needs root and debootstrap; takes 1 GB for the time.
#
# Usage: test/packaging/bare-debian.sh
set -euo pipefail
cd "$(dirname "$0")/../.."

root=$(mktemp -d "${TMPDIR:-/var/tmp}/bare-debian-XXXXXX")
chmod 755 "$root" # an ordinary user is to get at what is in it
trap 'rm -rf --one-file-system "$root" "$root.log"' EXIT

release=$(. /etc/os-release && echo "$VERSION_CODENAME")
# Where this machine has its packages from.
mirror=$(apt-get indextargets --format '$(SITE) $(RELEASE)' | awk -v release="$release" '$2 == release { site = $1 } END { print site }')
debootstrap --variant=minbase --include=gcc,libc6-dev "$release" "$root" "$mirror" >"$root.log" 2>&1 || {
  cat "$root.log" >&2
  exit 1
}

# This machine's Node and npm: Debian's own are older than those that the README asks for.
npm=$(dirname "$(dirname "$(realpath "$(command -v npm)")")")
install -m 755 "$(node -p process.execPath)" "$root/usr/bin/node"
mkdir -p "$root/usr/lib/node_modules"
cp -r "$npm" "$root/usr/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/bin/npm"

# The way to the packages.
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
mkdir -p "$root/etc/ssl"
cp -rL /etc/ssl/certs "$root/etc/ssl/"
settings=${HOME:-/root}/.npmrc
[ ! -e "$settings" ] || cp "$settings" "$root/root/"

mkdir "$root/opt/dlrpc"
tar -c --exclude=node_modules --exclude=./dist --exclude=./.git . | tar -x -C "$root/opt/dlrpc"

# A root directory of its own, not only chroot(2), in which nobody may make a user namespace.
# shellcheck disable=SC2016
unshare --mount --pid --fork --kill-child -- bash -euc '
  mount --bind "$1" "$1"
  mount --rbind /dev "$1/dev"
  mount --rbind /sys "$1/sys"
  mount -t proc proc "$1/proc"
  mount -t tmpfs tmp "$1/tmp"
  cd "$1"
  mkdir -p mnt
  pivot_root . mnt
  umount -l /mnt
  cd /opt/dlrpc
  unset CI TMPDIR
  export HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  npm ci
  npm run demo
  # The shell stays, as the first process of a system takes care of orphans; and nobody is in its group, of which the
  # number means all processes to kill(2).
  setsid --wait npm test || exit 1
' bash "$root"
