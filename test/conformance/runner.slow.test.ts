// `dlrpc conformance` itself: what it is asked, what it runs, what it reports.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { lacks } from "../../fixtures/tools.ts";
import { recipes, runConformance } from "../support/conformance.ts";
import { program } from "../support/paths.ts";
import { run } from "../support/run.ts";
import { onTerminal } from "../support/terminal.ts";

const server = [process.execPath, program, "serve"];
/** A transcript that loads no plugin. */
const quick = "--filter=initialize comes once";
/** A process that reads nothing, says nothing and does not end. */
const hanging = [process.execPath, "-e", "setInterval(() => {}, 1e6)", "--"];

const scratch = mkdtempSync(join(tmpdir(), "dlrpc-runner-"));
afterAll(() => rmSync(scratch, { recursive: true }));

test.each([
  { args: [], says: "needs the command that starts the server" },
  { args: ["--filter=W1"], says: "needs the command that starts the server" },
  { args: ["--fliter=W1", "--", "server"], says: "did you mean --filter?" },
  { args: ["--report=xml", "--", "server"], says: "one of junit, json is needed" },
  { args: ["--jobs=0", "--", "server"], says: "a whole number from 1" },
  { args: ["--filter=no such thing", "--", "server"], says: "no transcript has `no such thing`" },
  { args: [quick, "--", "/nowhere/server"], says: "`/nowhere/server` cannot be started" },
  { args: [quick, "--", "no-such-program-anywhere"], says: "there is no such program on PATH" },
])("conformance $args is refused", async ({ args, says }) => {
  const { status, stdout, stderr } = await run(["conformance", ...args]);
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(says);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
});

test("without a C compiler it says in one line what to install", async () => {
  const { status, stderr } = await run(["conformance", quick, "--", ...server], { env: { PATH: "/nowhere", CC: "" } });
  expect(status).toBe(2);
  expect(stderr).toMatch(/^dlrpc: no C compiler: `cc`, `gcc`, `clang`: none is on PATH\. Install one: .*\n$/);
});

test("$CC names the compiler, with its first arguments", async () => {
  const wrong = await run(["conformance", quick, "--", ...server], { env: { CC: "no-such-compiler -m64" } });
  expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining("`no-such-compiler` (from $CC)")]);
  const right = await run(["conformance", "--filter=A6", "--", ...server], { env: { CC: "cc -Wall" } });
  expect(right.status).toBe(0);
});

const mingw = "x86_64-w64-mingw32-gcc";

describe.skipIf(lacks(mingw))("with a compiler for another system", () => {
  test("its plugins cannot be tried here", async () => {
    const { status, stderr } = await run(["conformance", "--filter=A6", "--", ...server], { env: { CC: mingw } });
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining(`\`${mingw}\` compiles for win32, and linux is needed`),
    ]);
  });

  test("they are built for there", async () => {
    const directory = join(scratch, "for-windows");
    const { status, stdout } = await run(["conformance", "--build-plugins", directory], { env: { CC: mingw } });
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^[0-9]+ plugins for win32 are in /)]);
    const built = Object.keys(recipes).filter((name) => existsSync(join(directory, name, `${name}.dll`)));
    expect(built).toEqual(Object.keys(recipes).filter((name) => name !== "undefined-symbol"));
  });
});

test("plugins that were built already need no compiler", async () => {
  const directory = join(scratch, "built");
  const args = ["conformance", "--filter=A6", "--plugins", directory, "--", ...server];
  const env = { PATH: "/nowhere", CC: "" };
  const missing = await run(args, { env });
  expect([missing.status, missing.stderr]).toEqual([
    2,
    expect.stringContaining("has no plugin `no-free` for this system"),
  ]);
  expect((await run(["conformance", "--build-plugins", directory])).status).toBe(0);
  const there = await run(args, { env });
  expect([there.status, there.stdout]).toEqual([0, expect.stringContaining("1 passed, 0 failed")]);
});

test("--build-plugins starts no server", async () => {
  const { status, stderr } = await run(["conformance", "--build-plugins", "/nowhere/x", "--", ...server]);
  expect([status, stderr]).toEqual([2, expect.stringContaining("leave out the command")]);
  const noDirectory = await run(["conformance", "--build-plugins", program]);
  expect([noDirectory.status, noDirectory.stderr]).toEqual([
    2,
    expect.stringContaining(`can be put into \`${program}\``),
  ]);
});

test("a table of rules, and the sum", async () => {
  const { status, stdout, stderr } = await run(["conformance", quick, "--", ...server]);
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(
    /^rule +transcripts +passed +failed\nL1 .* 1 +1 +0\n\n1 transcripts in [0-9.]+ s: 1 passed, 0 failed\n$/,
  );
});

test.skipIf(lacks("script"))("on a terminal it shows how far it is, on one line", () => {
  const stdout = onTerminal([process.execPath, program, "conformance", quick, "--", ...server]);
  expect(stdout).toContain("\r\u001b[K1 of 1: initialize comes once");
  expect(stdout).toMatch(/1 transcripts in [0-9.]+ s: 1 passed, 0 failed/);
});

test("a failure shows what was sent, what was expected and what came", async () => {
  const parrot = [process.execPath, "-e", "console.error('I am a parrot'); process.stdin.pipe(process.stdout)", "--"];
  const { status, stdout } = await run(["conformance", quick, "--", ...parrot]);
  expect(status).toBe(1);
  expect(stdout).toContain('FAILED  life-cycle: initialize comes once (L1), in step 2\n  → {"jsonrpc":"2.0","id":1,');
  expect(stdout).toContain('  ← {"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}\n');
  expect(stdout).toContain("  expected: result: {}\n  found:    result: nothing\n  stderr:   I am a parrot\n");
});

test("a server that hangs fails, and is ended", async () => {
  const { failed, stderr } = await runConformance([quick, "--limit-ms=1000"], hanging);
  expect(failed).toEqual(["initialize comes once"]);
  expect(stderr).toContain("nothing for the rest of 1 s");
});

test("a server that ends at once fails", async () => {
  const { failed, stderr } = await runConformance([quick], [process.execPath, "-e", "process.exit(3)", "--"]);
  expect(failed).toEqual(["initialize comes once"]);
  expect(stderr).toContain("the end of the output");
});

test("--help behind -- is the server's", async () => {
  const { status, stdout } = await run(["conformance", quick, "--", ...server, "--help"]);
  expect(status).toBe(1);
  expect(stdout).toContain("1 failed");
});

test("the nearest verb", async () => {
  expect((await run(["conformence"])).stderr).toContain("did you mean conformance?");
});

test("--report json: what people read goes to stderr", async () => {
  const { stdout, stderr, status } = await run([
    "conformance",
    quick,
    "--report=json",
    "--",
    ...[process.execPath, "-e", "0", "--"],
  ]);
  expect([status, stderr]).toEqual([1, expect.stringContaining("1 transcripts in ")]);
  expect(JSON.parse(stdout)).toEqual({
    transcripts: 1,
    passed: 0,
    failed: 1,
    notApplicable: 0,
    milliseconds: expect.any(Number),
    outcomes: [
      {
        section: "life-cycle",
        name: "initialize comes once",
        rules: ["L1"],
        passed: false,
        milliseconds: expect.any(Number),
        failure: {
          step: 2,
          found: "the end of the output",
          expected: expect.any(String),
          conversation: expect.any(Array),
          stderr: "",
        },
      },
    ],
  });
});

test("--report junit is well-formed, whatever a server writes", async () => {
  const babbler = [
    process.execPath,
    "-e",
    'process.stdout.write("<a & b=\\"\\u0001\\uffff]]>\\n"); console.error("\\u001b[1m<&>")',
    "--",
  ];
  const { stdout, status } = await run([
    "conformance",
    quick,
    "--filter=initialize comes first",
    "--report=junit",
    "--",
    ...babbler,
  ]);
  expect(status).toBe(1);
  expect(elementsOf(stdout)).toEqual(["testsuites", "testsuite", "testcase", "failure", "testcase", "failure"]);
  expect(stdout).toMatch(/<testsuites name="dlrpc conformance" tests="2" failures="2" skipped="0" time="[0-9.]+">/);
  expect(stdout).toContain('<testcase classname="life-cycle" name="initialize comes once (L1)" time="');
});

/** Reads XML of elements, attributes and text. @returns the names of its elements @throws Error where it is none */
function elementsOf(xml: string): string[] {
  const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
  if (!xml.startsWith(declaration)) throw new Error("there is no declaration");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those that XML cannot hold
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(xml))
    throw new Error("characters that XML cannot hold");
  const names: string[] = [];
  const open: string[] = [];
  const rest = xml.slice(declaration.length).replace(/<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)>/g, (_, slash, name) => {
    if (slash === "") names.push(name);
    if (slash === "") open.push(name);
    else if (open.pop() !== name) throw new Error(`</${name}> closes nothing`);
    return "";
  });
  const text = rest.replace(/&(?:amp|lt|gt|quot|#10);/g, "");
  if (open.length > 0 || /[<&]/.test(text))
    throw new Error(`not well-formed: ${open}, ${/.{0,20}[<&].{0,20}/.exec(text)}`);
  return names;
}
