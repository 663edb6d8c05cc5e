// Streams that do not wait, as parents may hand them over, in each half: nothing is lost where the other side is slow.

import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { projectRoot } from "../support/paths.ts";

const BYTES = 4 * 1024 * 1024;

/** Runs a script in a process whose stdin and stdout do not wait: Node has its end of each so, once it has opened it. */
function start(half: string, script: string) {
  const module = JSON.stringify(join(projectRoot, "src", "platform", half, "streams", "blocking-io.ts"));
  const prelude = `
    import { Socket } from "node:net";
    import { readAll, writeAll } from ${module};
    const opened = [0, 1].map((fd) => new Socket({ fd, readable: false, writable: false }));`;
  const args = ["--input-type=module", "--eval", prelude + script];
  return spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
}

test.each(["linux", "portable"])("%s: all is written, though the reader is behind", async (half) => {
  const child = start(half, `writeAll(1, Buffer.alloc(${BYTES}, "x")); writeAll(1, Buffer.from("end"));`);
  await once(child.stdout, "readable"); // it has begun, and can go on only as this reads
  const written = await text(child.stdout);
  expect(written.length).toBe(BYTES + 3);
  expect(written.endsWith("xend")).toBe(true);
});

test.each(["linux", "portable"])("%s: all is read, though the writer is late", async (half) => {
  const child = start(half, `writeAll(1, Buffer.from("begun")); writeAll(1, Buffer.from(String(readAll(0).length)));`);
  await once(child.stdout, "readable"); // nothing is there to be read yet
  (child.stdin as Socket).write(Buffer.alloc(BYTES));
  child.stdin.end("end");
  expect(await text(child.stdout)).toBe(`begun${BYTES + 3}`);
});

test.each(["linux", "portable"])("%s: a reader that is gone is an error", async (half) => {
  const child = start(
    half,
    `try { writeAll(1, Buffer.alloc(${BYTES})); } catch (error) { process.exitCode = error.code === "EPIPE" ? 7 : 1; }`,
  );
  child.stdout.destroy();
  expect(await once(child, "exit")).toEqual([7, null]);
});
