// `dlrpc exec --repeat`: the last result, and how long calls took.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { repetitionTable } from "../../../src/cli/calling/trial/repetition.ts";
import { plugin, program } from "../../support/paths.ts";
import { run } from "../../support/run.ts";

const repeat = (name: string, input: object, ...args: string[]) =>
  run(["exec", plugin(name), "--input", JSON.stringify(input), ...args]);

test("it calls one process N times; stdout is the last result, stderr a table", async () => {
  const { status, stdout, stderr } = await repeat("counter", { op: "increment" }, "--repeat", "25");
  expect(status).toBe(0);
  expect(JSON.parse(stdout).output.count).toBe(25);
  expect(stdout.match(/\n/g)).toHaveLength(1);
  expect(stderr).toMatch(/^calls +min +p50 +p99 +memory\n +25( +[\d.]+ ms){3} +[\d.]+ MiB\n$/);
});

test("once is a table, too, and without the option there is none", async () => {
  expect((await repeat("counter", {}, "--repeat=1")).stderr).toMatch(/^calls .*\n +1 /);
  expect((await repeat("counter", {})).stderr).toBe("");
});

test("success:false does not end it, is counted, and is status 1", async () => {
  const { status, stdout, stderr } = await repeat("hostile", { do: "answer_failure" }, "--repeat=3");
  expect([status, JSON.parse(stdout).success]).toEqual([1, false]);
  expect(stderr).toMatch(/^calls +success:false +min .*\n +3 +3 /);
});

test("an error ends it, with the error's status", async () => {
  const { status, stdout, stderr } = await repeat("hostile", { do: "segv" }, "--repeat=3");
  expect([status, stdout]).toEqual([4, ""]);
  expect(stderr.match(/about to fall/g)).toHaveLength(1);
});

test("--stream prints the partial results of every call, and the last result", async () => {
  const { stdout } = await repeat("streaming", { do: "emit_numbers", count: 2 }, "--repeat=2", "--stream");
  expect(stdout).toMatch(/^\{"n":0\}\n\{"n":1\}\n\{"n":0\}\n\{"n":1\}\n\{"success":true,.*"calls":2.*\}\n$/);
});

test("Ctrl-C ends all of them", async () => {
  const input = JSON.stringify({ do: "wait_until_stopped" });
  const args = [program, "exec", plugin("streaming"), "--input", input, "--stream", "--repeat=1000"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const printed = Promise.all([text(child.stdout), text(child.stderr)]);
  await once(child.stdout, "data");
  child.kill("SIGINT");
  expect(await once(child, "exit")).toEqual([null, "SIGINT"]);
  expect(await printed).toEqual(['"waiting"\n', "stopped\n"]);
});

test.each(["0", "-1", "many", "1000001"])("--repeat=%s is refused", async (times) => {
  const { status, stderr } = await repeat("counter", {}, `--repeat=${times}`);
  expect([status, stderr]).toEqual([2, expect.stringMatching(/--repeat is `.*`, a whole number from 1 to 1000000/)]);
});

test("the table has nearest ranks, whatever the order", () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect(repetitionTable(hundred, 0, 3.25 * 1024 * 1024)).toBe(
    "calls       min        p50        p99   memory\n  100  1.000 ms  50.000 ms  99.000 ms  3.3 MiB\n",
  );
  expect(repetitionTable([1234.5], 1, null)).toBe(
    "calls  success:false      min      p50      p99   memory\n    1              1  1235 ms  1235 ms  1235 ms  unknown\n",
  );
});
