// `dlrpc exec` and its stderr: what dlrpc says is on lines of its own, and where nobody can read that, the result still comes.

import { spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { expect, test } from "vitest";
import { plugin, program } from "../../support/paths.ts";
import { type Outcome, run } from "../../support/run.ts";

const hex = (text: string) => Buffer.from(text).toString("hex");

/** Has the parrot say something that ends no line. */
function parrot(input: object, ...args: string[]): Promise<Outcome> {
  const told = JSON.stringify({ print: hex("printed"), ...input });
  return run(["exec", plugin("parrot"), "--input", told, ...args]);
}

test("an error is on lines of its own, for people and as JSON", async () => {
  const nonsense = { answer: hex("nonsense") };
  expect((await parrot(nonsense)).stderr).toMatch(/^printed\ndlrpc: INVALID_RESULT: /);
  const { status, stderr } = await parrot(nonsense, "--error-format=json");
  const [printed, line = ""] = stderr.split("\n");
  expect([status, printed, JSON.parse(line).kind]).toEqual([3, "printed", "INVALID_RESULT"]);
});

test("so is what the plugin logs, and a table", async () => {
  const { stderr } = await parrot({ log: hex("logged") });
  expect(stderr).toBe("printed\nwarn: logged\n");
  expect((await parrot({}, "--repeat=1")).stderr).toMatch(/^printed\ncalls +min .*\n.*\n$/);
  expect((await parrot({})).stderr).toBe("printed"); // nothing is added to what a program reads
});

test.each([
  ["a result", ["hello-world"], 0, /"success":true/],
  ["a result behind what the plugin prints", ["hostile", "--input", '{"do":"print"}'], 0, /"success":true/],
  ["a table", ["hostile", "--input", '{"do":"print"}', "--repeat=3", "--explain"], 0, /"success":true/],
  ["a crash", ["hostile", "--input", '{"do":"segv"}'], 4, /^$/],
  ["a crash as JSON", ["hostile", "--input", '{"do":"segv"}', "--error-format=json"], 4, /^$/],
  ["a plugin that is not there", ["no-such-plugin"], 3, /^$/],
] as const)("where stderr is full, %s has its status, and stdout is whole", (_, [name, ...args], ended, expected) => {
  const full = openSync("/dev/full", "w");
  const { status, stdout } = spawnSync(process.execPath, [program, "exec", plugin(name), ...args], {
    stdio: ["ignore", "pipe", full],
    encoding: "utf8",
    timeout: 20_000,
  });
  closeSync(full);
  expect([status, stdout]).toEqual([ended, expect.stringMatching(expected)]);
});
