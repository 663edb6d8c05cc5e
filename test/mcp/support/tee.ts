// Stands between a client and a server on stdio, and writes down what passes, before it passes it on:
// node tee.ts DIRECTORY COMMAND [ARG...]. The file is called as the number of this process; a line of it is {"pid":…} of the
// server, or {"from":"client" or "server","text":…}.

import { spawn } from "node:child_process";
import { openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

const [directory = "", command = "", ...args] = process.argv.slice(2);
const record = openSync(join(directory, `${process.pid}`), "wx");
const server = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
note({ pid: server.pid });
relay("client", process.stdin, server.stdin);
relay("server", server.stdout, process.stdout);
process.on("SIGTERM", () => server.kill("SIGTERM"));
server.once("close", (status) => process.exit(status ?? 1));

function note(entry: object): void {
  writeSync(record, `${JSON.stringify(entry)}\n`);
}

function relay(from: string, source: Readable, target: Writable): void {
  let pieces: Buffer[] = []; // of a line that has not ended yet
  source.on("data", (chunk: Buffer) => {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
      pieces.push(chunk.subarray(start, end));
      note({ from, text: Buffer.concat(pieces).toString() });
      pieces = [];
      start = end + 1;
    }
    pieces.push(chunk.subarray(start));
  });
  source.once("end", () => {
    const text = Buffer.concat(pieces).toString();
    if (text !== "") note({ from, text });
  });
  target.on("error", () => {}); // it has ended, and does not read
  source.pipe(target);
}
