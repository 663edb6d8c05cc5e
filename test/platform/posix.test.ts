// What the portable half has on POSIX systems, on this one: memory that is shared with a worker, and the end of a process.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, fstatSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { libraryName } from "../../fixtures/plugins.ts";
import { CONTROL_BLOCK_BYTES, CONTROL_BLOCK_CALLS, FrameKind } from "../../native/frames/frames.ts";
import { hardLimit, Resource } from "../../src/platform/posix/limits.ts";
import { whenProcessEnds } from "../../src/platform/posix/process-end.ts";
import { SharedMemory } from "../../src/platform/posix/shared-memory.ts";
import { HandWorker } from "../support/hand-worker.ts";
import { plugin } from "../support/paths.ts";

describe("memory that is shared", () => {
  afterEach(() => vi.unstubAllEnvs());

  test("is zeroes, has no name, and is given back", () => {
    const directory = mkdtempSync(join(tmpdir(), "dlrpc-shared-"));
    vi.stubEnv("TMPDIR", directory);
    const shared = new SharedMemory(CONTROL_BLOCK_BYTES);
    expect(readdirSync(directory)).toEqual([]);
    expect(fstatSync(shared.descriptor)).toMatchObject({ nlink: 0, size: CONTROL_BLOCK_BYTES, mode: 0o100600 });
    expect(new Uint8Array(shared.memory).every((byte) => byte === 0)).toBe(true);
    shared.handedOver();
    shared.handedOver();
    expect(() => fstatSync(shared.descriptor)).toThrow("EBADF");
    new Uint8Array(shared.memory)[0] = 1; // is still there
    shared.close();
    rmSync(directory, { recursive: true });
  });

  test("where no file can be made, the error names the place, and nothing stays open", () => {
    const before = readdirSync("/proc/self/fd").length;
    vi.stubEnv("TMPDIR", "/nowhere");
    expect(() => new SharedMemory(CONTROL_BLOCK_BYTES)).toThrow(/ENOENT: .*'\/nowhere\/\.dlrpc-/);
    expect(readdirSync("/proc/self/fd").length).toBe(before);
  });

  test("is the worker's, too; and it has no descriptor any more by which a plugin could cut it off", async () => {
    const shared = new SharedMemory(CONTROL_BLOCK_BYTES);
    const words = new Int32Array(shared.memory);
    await using worker = new HandWorker({ controlBlock: shared.descriptor });
    shared.handedOver();
    Atomics.store(words, 7 % CONTROL_BLOCK_CALLS, 7);
    worker.send(FrameKind.load, 0, `${join(plugin("echo"), libraryName("echo"))}\0`);
    worker.send(FrameKind.execute, 7, "{}\0");
    await expect.poll(() => Atomics.load(words, 7)).toBe(-7);
    expect(existsSync(`/proc/${worker.child.pid}/fd/5`)).toBe(false);
    const opened = readdirSync(`/proc/${worker.child.pid}/fd`).map((fd) =>
      readlinkSync(`/proc/${worker.child.pid}/fd/${fd}`),
    );
    expect(opened.filter((path) => path.includes(".dlrpc-"))).toEqual([]);
    shared.close();
  });
});

describe("the end of a process", () => {
  test("is told, also of one that this one has not started", async () => {
    const child = spawn("sleep", ["1000"]);
    await once(child, "spawn");
    const told = new Promise<void>((resolve) => expect(whenProcessEnds(child.pid as number, resolve)).toBe(true));
    child.kill("SIGKILL");
    await told;
  });

  test("is false of none", () => {
    expect(whenProcessEnds(0, () => {})).toBe(false);
    expect(whenProcessEnds(-1, () => {})).toBe(false);
    expect(whenProcessEnds(2 ** 22 + 1, () => {})).toBe(false);
  });
});

test("a limit is what the system has", () => {
  expect(hardLimit(Resource.fileSize)).toBeGreaterThan(0);
  expect(() => hardLimit(1000)).toThrow("getrlimit: EINVAL");
});
