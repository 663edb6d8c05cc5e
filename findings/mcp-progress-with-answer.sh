#!/bin/sh
# @modelcontextprotocol/client 2.4.0 and @modelcontextprotocol/sdk 1.32.2 over stdio: is `onprogress` told of progress that
# a server sends before the answer?
#
# Guessed: yes, of each notification that stands before the answer on the wire, as the order of messages is all that the
#   protocol speaks of.
# Seen: not where the last notification and the answer are read in one piece, as two messages that are written one right
#   behind the other mostly are. A notification is handed on in a later turn than an answer, and by then the handler of the
#   call that has its answer is gone. With a pause before the answer the same notifications are told.
#
# Needs npm and the network.
set -eu
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
cd "$here"

cat > server.cjs <<'JS'
// Answers each call with two notifications of progress and a result: all in one write, or the result later.
const { createInterface } = require("node:readline");
const isLate = process.argv[2] === "late";
const line = (message) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`;
createInterface({ input: process.stdin }).on("line", (text) => {
  const { id, method, params } = JSON.parse(text);
  if (method === "initialize") {
    const { protocolVersion } = params;
    const serverInfo = { name: "server", version: "1.0.0" };
    process.stdout.write(line({ id, result: { protocolVersion, capabilities: { tools: {} }, serverInfo } }));
  }
  if (method === "tools/list") {
    process.stdout.write(line({ id, result: { tools: [{ name: "work", inputSchema: { type: "object" } }] } }));
  }
  if (method !== "tools/call") return;
  const { progressToken } = params._meta;
  const progress = [1, 2].map((progress) =>
    line({ method: "notifications/progress", params: { progressToken, progress, total: 2 } }),
  );
  const answer = line({ id, result: { content: [{ type: "text", text: "done" }] } });
  process.stdout.write(isLate ? progress.join("") : `${progress.join("")}${answer}`);
  if (isLate) setTimeout(() => process.stdout.write(answer), 500);
});
JS
cat > call.mjs <<'JS'
const [which, when] = process.argv.slice(2);
const isNew = which === "client";
const { Client } = await import(isNew ? "@modelcontextprotocol/client" : "@modelcontextprotocol/sdk/client/index.js");
const { StdioClientTransport } = await import(
  isNew ? "@modelcontextprotocol/client/stdio" : "@modelcontextprotocol/sdk/client/stdio.js"
);
const client = new Client({ name: "host", version: "1.0.0" });
await client.connect(new StdioClientTransport({ command: process.execPath, args: ["server.cjs", when] }));
let told = 0;
const options = { onprogress: () => told++ };
const call = { name: "work", arguments: {} };
await (isNew ? client.callTool(call, options) : client.callTool(call, undefined, options));
console.log(told);
await client.close();
JS
npm init -y >/dev/null
npm install --silent --no-fund --no-audit node@24.12.0 @modelcontextprotocol/client@2.4.0 @modelcontextprotocol/sdk@1.32.2 >/dev/null
node=node_modules/.bin/node

told() { "$node" call.mjs "$1" "$2"; }
for which in client sdk; do
  echo "$which: told of $(told $which at-once) of 2 before an answer in the same piece, of $(told $which late) of 2 before a later one"
done
[ "$(told client at-once)" -lt 2 ] && [ "$(told client late)" = 2 ] && [ "$(told sdk at-once)" -lt 2 ] && [ "$(told sdk late)" = 2 ]
