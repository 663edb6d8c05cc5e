// Takes the protocol's streams, prints in each way that there is, and answers with what it was sent.

import { createReadStream, createWriteStream } from "node:fs";
import { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { isPipe, takeProtocolStreams } from "../../../src/platform/windows/protocol-streams.ts";
import { kernel32, systemFunction } from "../../../src/platform/windows/system-functions.ts";

const runtimes = ["ucrtbase.dll", "msvcrt.dll"] as const;
const getStdHandle = kernel32("GetStdHandle", "intptr_t", ["uint32_t"]);
const writeFile = kernel32("WriteFile", "int", ["intptr_t", "void *", "uint32_t", "void *", "void *"]);
const STD_OUTPUT_HANDLE = 0xfffffff5;

const { inputDescriptor, outputDescriptor } = takeProtocolStreams();

for (const runtime of runtimes) {
  const line = Buffer.from(`by ${runtime}\n`);
  systemFunction(runtime, "_write", "int", ["int", "void *", "uint"])(1, line, line.length);
}
const line = Buffer.from("by the system\n");
writeFile(getStdHandle(STD_OUTPUT_HANDLE), line, line.length, Buffer.alloc(4), null);
process.stdout.write("by Node\n");
for (const runtime of runtimes) {
  const count = systemFunction(runtime, "_read", "int", ["int", "void *", "uint"])(0, Buffer.alloc(10), 10);
  process.stdout.write(`${runtime} reads ${count}\n`);
}

const input = isPipe(inputDescriptor)
  ? new Socket({ fd: inputDescriptor, readable: true, writable: false })
  : createReadStream("", { fd: inputDescriptor });
const output = isPipe(outputDescriptor)
  ? new Socket({ fd: outputDescriptor, readable: false, writable: true })
  : createWriteStream("", { fd: outputDescriptor });
output.end(`got ${await text(input)}`);
