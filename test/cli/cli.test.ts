// The command line: help, version, and what is said of a line that cannot be understood.

import { expect, test } from "vitest";
import { lacks } from "../../fixtures/tools.ts";
import manifest from "../../package.json" with { type: "json" };
import { verbs } from "../../src/cli/verbs.ts";
import { program } from "../support/paths.ts";
import { line, messagesOf, run } from "../support/run.ts";
import { onTerminal } from "../support/terminal.ts";

test.each([
  ["--help"],
  ["-h"],
  ["help"],
  ["serve", "--help"],
  ["help", "exec"],
  ["exec", "-h"],
  ["--framing=lines", "--help"],
])("%s %s prints help on stdout", async (...args) => {
  const { status, stdout, stderr } = await run(args);
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("usage:");
});

test("help names every option with what it takes", async () => {
  const { stdout: serve } = await run(["help", "serve"]);
  const { stdout: exec } = await run(["help", "exec"]);
  const both = ["--trust DIR", "--trust-workspace", "--strict-permissions", "--timeout-ms N"];
  const limits = ["--max-message-bytes N", "--max-pending N", "--drain-ms N", "--concurrency N"];
  const others = ["--lock-trust", "--framing auto|headers|lines", "--log-level error|warn|info|debug"];
  for (const option of [...both, ...limits, ...others]) expect(serve).toContain(`  ${option} `);
  const call = ["--input JSON|@FILE|-", "--config JSON|@FILE|-", "--workspace DIR"];
  for (const option of [...both, ...call]) expect(exec).toContain(`  ${option} `);
});

test("help without a verb lists all of them, and each has a page", async () => {
  const { stdout } = await run(["help"]);
  for (const { name, summary } of verbs) {
    expect(stdout).toMatch(new RegExp(`^  ${name} +${summary[0]}`, "m"));
    const page = (await run(["help", name])).stdout;
    expect(page).toContain(`usage: dlrpc ${name} `);
    expect(page).not.toMatch(/:\n\n/); // a heading without anything below it
  }
});

test.each(["--version", "-V"])("%s prints the version and nothing else", async (option) => {
  expect(await run([option])).toEqual({ status: 0, stdout: `${manifest.version}\n`, stderr: "" });
});

test.skipIf(lacks("script"))("dlrpc alone prints help when stdin is a terminal", () => {
  expect(onTerminal([process.execPath, program])).toContain("usage:");
});

test.each([[], ["serve"], ["--framing=auto"]])("dlrpc %s serves when stdin is a pipe", async (...args) => {
  const outcome = await run(args, { input: line(1, "plugin/list") });
  expect(outcome.status).toBe(0);
  expect(messagesOf(outcome)).toEqual([{ jsonrpc: "2.0", id: 1, result: { plugins: [] } }]);
});

test.each([
  ["an unknown option, naming the nearest", ["serve", "--max-pendin=1"], /--max-pendin\b.*--max-pending\?/],
  ["an unknown option without the verb", ["--log-levl", "info"], /--log-levl\b.*--log-level\?/],
  ["an unknown option of exec", ["exec", "x", "--workspce=/"], /--workspce\b.*--workspace\?/],
  ["an option of the other verb", ["exec", "x", "--drain-ms=1"], /--drain-ms/],
  ["an unknown option that is like no other", ["serve", "--qqqqqqqqqqqq"], /--qqqqqqqqqqqq; see --help/],
  ["an unknown short option", ["serve", "-t", "/"], /-t\b/],
  ["an option named as every object has it", ["serve", "--constructor"], /--constructor/],
  ["a missing value at the end", ["serve", "--trust"], /--trust needs a value: --trust DIR/],
  ["a missing value before another option", ["serve", "--trust", "--lock-trust"], /--trust needs a value: --trust DIR/],
  ["an empty value, which would trust the working directory", ["serve", "--trust="], /--trust needs a value/],
  ["an empty value as a word of its own", ["serve", "--trust", ""], /--trust needs a value/],
  ["an empty number", ["serve", "--max-pending="], /--max-pending needs a value/],
  ["a value for a flag", ["serve", "--lock-trust=yes"], /--lock-trust takes no value/],
  ["a value for a flag, as a word of its own", ["serve", "--lock-trust", "yes"], /`yes`/],
  ["a word that is no number", ["serve", "--max-pending=many"], /--max-pending is `many`, a whole number from 1 /],
  ["a fraction", ["serve", "--timeout-ms=1.5"], /--timeout-ms is `1\.5`/],
  ["an exponent", ["serve", "--timeout-ms=1e3"], /--timeout-ms is `1e3`/],
  ["a negative number", ["serve", "--drain-ms", "-1"], /--drain-ms is `-1`, a whole number from 0 /],
  ["a number below the range", ["serve", "--concurrency=0"], /--concurrency is `0`, a whole number from 1 /],
  ["a number above the range", ["serve", "--timeout-ms=2147483648"], /`2147483648`.* to 2147483647 is needed/],
  ["messages too long for a text", ["serve", "--max-message-bytes=268435457"], /`268435457`.* to 268435456 is needed/],
  ["an unknown framing", ["serve", "--framing=xml"], /--framing is `xml`, one of auto, headers, lines is needed/],
  ["an unknown log level", ["serve", "--log-level=loud"], /--log-level is `loud`, one of error, warn, info, debug/],
  ["an unknown verb, naming the nearest", ["sreve"], /`sreve`; did you mean serve\?/],
  ["an unknown verb that is like no other", ["frobnicate"], /`frobnicate` \(dlrpc help/],
  ["help of an unknown verb", ["help", "exce"], /`exce`; did you mean exec\?/],
  ["a stray word", ["serve", "plugins"], /`plugins`.* takes options only/],
  ["a stray word behind --", ["serve", "--", "plugins"], /`plugins`/],
  ["exec without a plugin", ["exec"], /exec needs the path or the name of a plugin/],
  ["exec of an empty name", ["exec", ""], /exec needs the path or the name of a plugin/],
  ["exec of two plugins", ["exec", "one", "two"], /`two` is one too many/],
])("refused: %s", async (_, args, message) => {
  const { status, stdout, stderr } = await run(args, { input: line(1, "plugin/list") });
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/^dlrpc: .*\(dlrpc help lists the verbs, dlrpc help VERB its options\)\n$/);
  expect([status, stdout]).toEqual([2, ""]);
});

test("of an option that is given twice the last counts", async () => {
  const outcome = await run(["--max-pending=1", "--max-pending=2"], { input: line(1, "initialize") });
  expect(messagesOf(outcome)[0].result.limits.maxPending).toBe(2);
});
