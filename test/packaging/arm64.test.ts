// The packed program for linux-arm64, under qemu's emulation of that processor. qemu-user passes system calls on to this
// kernel, but not all: there is no seccomp and no Landlock to confine plugins with, of which each load would warn.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileLibrary } from "../../fixtures/compile.ts";
import { manifestText } from "../../fixtures/manifest.ts";
import { projectRoot } from "../support/paths.ts";
import { inOwnMounts, packed, packedForArm } from "./packed.ts";

const scratch = mkdtempSync(join(tmpdir(), "dlrpc-arm64-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const COMPILER = "aarch64-linux-gnu-gcc";
/** Where Debian has the C library for that processor. */
const SYSTEM = "/usr/aarch64-linux-gnu";
const emulator = join(scratch, "emulator");

/** How the kernel knows a program for that processor: the magic of its ELF header (binfmt_misc, proc(5)). */
const PROGRAM = "\\x7fELF\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\xb7\\x00";
const MASK = "\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff";

/** Runs a command where the kernel starts programs for arm64 by the emulator, workers of the program included. */
function emulated(...command: string[]) {
  const script = `
    mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
    printf %s '${`:arm64:M::${PROGRAM}:${MASK}:${emulator}:`}' > /proc/sys/fs/binfmt_misc/register
    exec "$@"`;
  return inOwnMounts(script, ["-", ...command], { CC: COMPILER });
}

beforeAll(() => {
  writeFileSync(emulator, `#!/bin/sh\nexec qemu-aarch64 -L ${SYSTEM} "$@"\n`, { mode: 0o755 });
});

test("it runs a plugin for arm64", async () => {
  const directory = join(scratch, "echo");
  mkdirSync(directory);
  const description = "Answers with the very text it was given";
  writeFileSync(join(directory, "plugin.json"), manifestText({ name: "echo", description }));
  const source = join(projectRoot, "fixtures", "plugins", "echo", "echo.c");
  process.env.CC = COMPILER;
  await compileLibrary({ language: "c", sources: [source], output: join(directory, "libecho.so") });
  const { stdout, stderr, status } = emulated(
    packedForArm,
    "exec",
    directory,
    "--input",
    '{"big":12345678901234567890}',
  );
  expect(stdout, stderr).toContain('"input":{"big":12345678901234567890}');
  expect(status, stderr).toBe(0);
});

/** What is the worker's, compiled for each processor. All sections take a quarter of an hour here; a release runs them there. */
const sections = ["abi", "execute", "reports"].map((section) => `--filter=${section}`);

test("it passes what the conformance suite asks of the worker", { timeout: 3_600_000 }, () => {
  const options = ["--jobs=2", "--limit-ms=240000", ...sections]; // emulated, the program takes seconds to start
  const { stdout, stderr, status } = emulated(
    packed,
    "conformance",
    ...options,
    "--",
    packedForArm,
    "serve",
    "--sandbox=none",
  );
  expect(status, stdout + stderr).toBe(0);
  expect(stdout).toMatch(/ 0 failed/);
});
