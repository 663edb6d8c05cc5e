// What Windows says of processes: when one ends, how it ended; and files that one has to itself.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { test } from "node:test";
import { lockFile } from "../../../src/platform/windows/files/lock.ts";
import { whenProcessEnds } from "../../../src/platform/windows/processes/process-end.ts";
import { startScript } from "./scripts.ts";

const idle = () => spawn("Z:\\work\\plugins\\idle.exe", { stdio: "ignore" });

test("the end of a process is told, once, whenever it comes", async () => {
  const processes = [idle(), idle(), idle()];
  const told: number[] = [];
  const all = Promise.withResolvers<void>();
  for (const [index, { pid }] of processes.entries()) {
    const isThere = whenProcessEnds(pid as number, () => {
      told.push(index);
      if (told.length === processes.length) all.resolve();
      else processes[index - 1]?.kill("SIGKILL");
    });
    assert.equal(isThere, true);
  }
  processes.at(-1)?.kill("SIGKILL");
  await all.promise;
  assert.deepEqual(told, [2, 1, 0]);
});

test("a process that is gone is not waited for", async () => {
  const child = idle();
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.equal(
    whenProcessEnds(child.pid as number, () => assert.fail("it has ended before")),
    false,
  );
  assert.equal(
    whenProcessEnds(0, () => assert.fail("there is none")),
    false,
  );
});

/** What a script says, and its status. */
async function output(name: string, args: readonly string[]): Promise<[said: string, status: number | null]> {
  const child = startScript(name, args, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  let said = "";
  for await (const chunk of child.stdout as Readable) said += chunk;
  await ended;
  for (const stream of child.stdio) stream?.destroy();
  return [said, child.exitCode];
}

test("waiting for a process keeps no other from ending", async () => {
  const child = idle();
  assert.deepEqual(await output("waits.ts", [String(child.pid)]), ["waiting", 0]);
  child.kill("SIGKILL");
});

test("a process ends at once while a thread of its own waits for what does not come", async () => {
  assert.deepEqual(await output("exits.ts", []), ["", 7]);
});

test("a file is one process's until that ends or gives it back, and is gone then", async () => {
  const directory = mkdtempSync(join(tmpdir(), "größe-"));
  try {
    const path = join(directory, "lock");
    const ours = lockFile(path);
    assert.ok(ours !== undefined);
    assert.equal(lockFile(path), undefined);
    assert.deepEqual(await output("locks.ts", [path]), ["false", 0]);
    ours[Symbol.dispose]();
    assert.equal(existsSync(path), false);

    const other = startScript("locks.ts", [path, "hold"], { stdio: ["pipe", "pipe", "inherit"] });
    const [said] = await once(other.stdout as Readable, "data");
    assert.equal(String(said), "true");
    assert.equal(lockFile(path), undefined);
    other.kill("SIGKILL");
    await once(other, "exit");
    for (const stream of other.stdio) stream?.destroy();
    assert.equal(existsSync(path), false);
    lockFile(path)?.[Symbol.dispose]();
    assert.throws(() => lockFile(join(directory, "none", "lock")), /^WindowsError|error 3: /);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
