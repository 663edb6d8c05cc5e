// Pipes of the portable half: a writer that is faster than its reader waits, and memory that is given back is not written.

import { spawn } from "node:child_process";
import { closeSync, createReadStream, readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { expect, test } from "vitest";
import { free } from "../../src/ffi/large-memory.ts";
import { Region } from "../../src/ffi/region.ts";
import { Incoming, NOT_NOW } from "../../src/platform/portable/streams/incoming.ts";
import { Outgoing } from "../../src/platform/portable/streams/outgoing.ts";
import { pipe } from "../../src/platform/posix/pipe.ts";

const PIECE_BYTES = 64 * 1024;
const BYTES = 1024 * PIECE_BYTES;
const MOST_HELD_BYTES = 64 * PIECE_BYTES;
const TELLS = 5000;

/** Reads a byte each time that it is told, and all once it was told often. @returns how much had been given by then, too */
async function readSlowly(
  end: Readable | number,
  given: () => number,
): Promise<{ total: number; givenByThen: number }> {
  const target = Region.ofSize(PIECE_BYTES);
  const ended = Promise.withResolvers<void>();
  let [tells, total, givenByThen] = [0, 0, 0];
  const incoming = new Incoming(end, {
    readable() {
      if (++tells === TELLS) givenByThen = given();
      const count = incoming.read(target, 0, tells < TELLS ? 1 : PIECE_BYTES);
      if (count > 0) total += count;
      if (count !== 0) return;
      incoming.close();
      ended.resolve();
    },
  });
  incoming.awaited = true;
  await ended.promise;
  return { total, givenByThen };
}

test("a stream gives no more than a slow reader has use for, and all of it in the end", async () => {
  let given = 0;
  const source = new Readable({
    read() {
      const piece = given < BYTES ? Buffer.alloc(PIECE_BYTES) : null;
      given += PIECE_BYTES;
      this.push(piece);
    },
  });
  const { total, givenByThen } = await readSlowly(source, () => given);
  expect(givenByThen).toBeLessThan(MOST_HELD_BYTES);
  expect(total).toBe(BYTES);
});

test("so does a descriptor", async () => {
  const { readingEnd, writingEnd } = pipe();
  const writer = spawn("head", ["-c", String(BYTES), "/dev/zero"], { stdio: ["ignore", writingEnd, "inherit"] });
  closeSync(writingEnd);
  const written = () => Number(/wchar: (\d+)/.exec(readFileSync(`/proc/${writer.pid}/io`, "utf8"))?.[1]);
  const { total, givenByThen } = await readSlowly(readingEnd, written);
  expect(givenByThen).toBeLessThan(MOST_HELD_BYTES);
  expect(total).toBe(BYTES);
});

test("what was begun is not written after the end is closed, as its memory is given back", async () => {
  const { readingEnd, writingEnd } = pipe();
  const outgoing = new Outgoing(writingEnd, { writable() {}, failed() {} });
  const region = new Region(Buffer.allocUnsafeSlow(16 * PIECE_BYTES).fill("a"));
  const first = outgoing.write(region, 0, region.bytes.length); // as much as the pipe holds
  expect(outgoing.write(region, first, region.bytes.length)).toBe(NOT_NOW);
  outgoing.close();
  free(region.bytes);
  const written = await buffer(createReadStream("", { fd: readingEnd }));
  expect(written.equals(Buffer.alloc(first, "a"))).toBe(true);
});
