// A start that fails is one sentence that says what helps, and never the script that failed.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { Host } from "../support/host.ts";
import { fixturesDirectory, ownProgram, plugin } from "../support/paths.ts";
import { ProgramCopy } from "../support/program-copy.ts";

test("descriptors: with too few for dlrpc, the sentence names the limit; with more it starts", () => {
  const runs = [64, ...Array.from({ length: 12 }, (_, i) => 32 - i)].map((count) => {
    const script = `ulimit -n ${count} && exec "$@"`;
    return spawnSync("sh", ["-c", script, "sh", ...ownProgram, "serve"], { input: "", encoding: "utf8" });
  });
  expect(runs[0]).toMatchObject({ status: 0, stderr: "" });
  const ours = runs.filter(({ status, stderr }) => status !== 0 && stderr.startsWith("dlrpc: ")); // Node itself needs a few, too
  expect(ours.length).toBeGreaterThan(0);
  for (const { status, stderr } of ours) {
    expect(status).toBe(2);
    expect(stderr).toMatch(/^dlrpc: .*EMFILE.*; it needs more descriptors \(ulimit -n\)\n$/);
  }
});

test.each([
  ["a part that is out of memory", 'throw new RangeError("Out of memory: Cannot allocate")', /; it needs more memory/],
  ["a part that fails", 'throw new TypeError("a defect")', /it cannot start: a defect\n$/],
])("%s is one sentence", (_, text, sentence) => {
  using copy = new ProgramCopy();
  writeFileSync(join(copy.directory, "serve.cjs"), text);
  const [file = "", ...args] = copy.command;
  const { status, stderr } = spawnSync(file, [...args, "serve"], { input: "", encoding: "utf8" });
  expect(status).toBe(2);
  expect(stderr).toMatch(/^dlrpc: [^\n]*\n$/);
  expect(stderr).toMatch(sentence);
});

test.each(["serve", "list"])("without WebAssembly %s is one sentence", (verb) => {
  const [file = "", ...args] = ownProgram;
  const { status, stdout, stderr } = spawnSync(file, ["--jitless", ...args, verb], { input: "", encoding: "utf8" });
  const sentence = "dlrpc: it cannot start: it needs WebAssembly, which Node lacks with --jitless\n";
  expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: "", stderr: sentence });
});

test("files in memory: where the system has none a load says so, and all that needs no plugin code works", async () => {
  const withhold = join(dirname(fixturesDirectory), "withhold");
  await using host = new Host({ through: [withhold, "files-in-memory"] });
  const path = plugin("echo");
  expect(await host.error("plugin/load", { path })).toMatchObject({
    message: expect.stringContaining("memfd_create: ENOSYS"),
    data: { kind: "WORKER_UNAVAILABLE", plugin: "echo", path, hint: expect.stringContaining("seccomp") },
  });
  expect((await host.result("plugin/validate", { path })).valid).toBe(true);
  await host.finish();
  expect(host.stderr).toBe("");
});
