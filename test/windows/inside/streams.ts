// stdin and stdout are the protocol's alone, whatever the host has them open on.

import assert from "node:assert/strict";
import type { StdioOptions } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  createReadStream,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { nativeFunction } from "../../../src/ffi/ffi.ts";
import { kernel32, succeeded } from "../../../src/platform/windows/system-functions.ts";
import { startScript } from "./scripts.ts";

const createPipe = kernel32("CreatePipe", "int", ["void *", "void *", "void *", "uint32_t"]);
const descriptorOf = nativeFunction("uv_open_osfhandle", "int", ["intptr_t"]);

/** As hosts in C make them; those of Node have a name. */
function anonymousPipe(): [readingEnd: number, writingEnd: number] {
  const [reading, writing] = [Buffer.alloc(8), Buffer.alloc(8)];
  succeeded("CreatePipe", createPipe(reading, writing, null, 0));
  const [first = 0, second = 0] = [reading, writing].map((end) => descriptorOf?.(Number(end.readBigInt64LE())));
  return [first, second];
}

interface Taken {
  readonly status: number | null;
  readonly printed: string;
}

async function takeStreams(
  stdin: "pipe" | "ignore" | number,
  stdout: "pipe" | number,
  sent = "",
): Promise<Taken & { answered: string }> {
  const stdio: StdioOptions = [stdin, stdout, "pipe"];
  const child = startScript("takes-streams.ts", [], { stdio });
  const ended = once(child, "exit");
  const printed = text(child.stderr as Readable);
  const answered = child.stdout === null ? "" : text(child.stdout);
  if (child.stdin !== null) (child.stdin as Writable).end(sent);
  const result = { printed: await printed, answered: await answered };
  await ended;
  return { ...result, status: child.exitCode };
}

const printed =
  /^by ucrtbase\.dll\r?\nby msvcrt\.dll\r?\nby the system\r?\nby Node\r?\nucrtbase\.dll reads 0\r?\nmsvcrt\.dll reads 0\r?\n$/;
const long = "größe ".repeat(100_000);

test("from a pipe and to a pipe, with a name", async () => {
  const result = await takeStreams("pipe", "pipe", long);
  assert.match(result.printed, printed);
  assert.equal(result.answered, `got ${long}`);
  assert.equal(result.status, 0);
});

test("from an anonymous pipe and to one", async () => {
  const [reading, sending] = anonymousPipe();
  const [hearing, writing] = anonymousPipe();
  const child = startScript("takes-streams.ts", [], { stdio: [reading, writing, "pipe"] });
  const ended = once(child, "exit");
  for (const descriptor of [reading, writing]) closeSync(descriptor);
  const answered = text(createReadStream("", { fd: hearing }));
  writeSync(sending, "some words");
  closeSync(sending);
  assert.match(await text(child.stderr as Readable), printed);
  assert.equal(await answered, "got some words");
  await ended;
});

test("from a file and to a file", async () => {
  const directory = mkdtempSync(join(tmpdir(), "streams-"));
  const [from, to] = [join(directory, "from"), join(directory, "to")];
  writeFileSync(from, long);
  const [reading, writing] = [openSync(from, "r"), openSync(to, "w")];
  const result = await takeStreams(reading, writing);
  for (const descriptor of [reading, writing]) closeSync(descriptor);
  assert.match(result.printed, printed);
  assert.equal(readFileSync(to, "utf8"), `got ${long}`);
  rmSync(directory, { recursive: true });
});

test("from nothing", async () => {
  const result = await takeStreams("ignore", "pipe");
  assert.match(result.printed, printed);
  assert.equal(result.answered, "got ");
});
