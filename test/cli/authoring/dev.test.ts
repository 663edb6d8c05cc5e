// `dlrpc dev`: a plugin is built and called, again at each change, until Ctrl-C.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lacks } from "../../../fixtures/tools.ts";
import { around, diffLines } from "../../../src/cli/authoring/dev/line-diff.ts";
import { Developer } from "../../support/developer.ts";
import { Gate } from "../../support/gate.ts";
import { gone } from "../../support/gone.ts";
import { ownProgram } from "../../support/paths.ts";
import { childrenOf, descendantsOf } from "../../support/processes.ts";
import { run } from "../../support/run.ts";
import { screenOf } from "../../support/screen.ts";
import { beginOnTerminal } from "../../support/terminal.ts";

let directory: string;
let home: string;
let temporary: string;

beforeEach(async () => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "dlrpc-dev-")));
  home = join(directory, "hello");
  temporary = join(directory, "tmp");
  mkdirSync(temporary);
  expect((await run(["new", "hello", "--lang", "c"], { cwd: directory })).status).toBe(0);
});
afterEach(() => rmSync(directory, { recursive: true }));

function develop(...args: string[]): Developer {
  return new Developer(args, { cwd: directory, env: { HOME: "/nonexistent", TMPDIR: temporary } });
}

const source = () => readFileSync(join(home, "plugin.c"), "utf8");
/** Whole at any time, as editors do. */
function save(name: string, text: string): void {
  writeFileSync(join(directory, "saved"), text);
  renameSync(join(directory, "saved"), join(home, name));
}
/** The last line of a call that has ended. */
const called = / MiB( \(was .*\))?\n/;

describe.skipIf(lacks("make"))("dlrpc dev", () => {
  test("builds and calls, and again at each change: what is different is shown", async () => {
    await using dev = develop("hello");
    const first = await dev.until("Ctrl-C ends.\n");
    expect(first).toMatch(/^Build: make\n/);
    expect(first).toMatch(
      /\nBuilt in \d+\.\d\d s\.\n\{\n {2}"success": true,\n.*\n {4}"input": \{\n {6}"text": "Hello"/s,
    );
    expect(first).toMatch(/\n\d+\.\d\d ms, \d+\.\d MiB\n/);

    save("plugin.c", source().replace('\\"output\\":%s', '\\"output\\":{\\"all\\":%s}'));
    const changed = await dev.until(called);
    expect(changed).toMatch(/\nChanged: plugin\.c\nBuild: make\n/);
    expect(changed).toContain('\n+     "all": {\n');
    expect(changed).not.toMatch(/^[-+].*"success"/m);
    expect(changed).toMatch(/\n\d+\.\d\d ms \(was \d+\.\d\d\), \d+\.\d MiB \(was \d+\.\d\)\n$/);

    save("input.json", '{"text":"Bye"}');
    const other = await dev.until(called);
    expect(other).toMatch(/^\nChanged: input\.json\n[^+]*\n- +"text": "Hello"\n\+ +"text": "Bye"\n[^+]*$/);
    expect(other).not.toContain("Build");

    save("plugin.c", `${source()}\n`);
    expect(await dev.until(called)).toContain("\nThe result is the same.\n");
  });

  test("keeps the plugin where the build fails, and calls it", async () => {
    await using dev = develop("hello");
    await dev.until("Ctrl-C ends.\n");
    const good = source();
    save("plugin.c", `${good}nonsense\n`);
    const failed = await dev.until("stays.\n");
    expect(failed).toContain("nonsense"); // the compiler's own words
    expect(failed).toMatch(/\nThe build failed: status 2\. The plugin that was loaded before stays\.\n$/);
    save("input.json", '{"text":"still"}');
    expect(await dev.until(called)).toContain('"text": "still"');
    save("plugin.c", good);
    expect(await dev.until(called)).toContain("The result is the same.");
  });

  test("waits where there is nothing yet, and begins once it is there", async () => {
    const good = source();
    save("plugin.c", "nonsense");
    await using dev = develop("hello");
    expect(await dev.until("Ctrl-C ends.\n")).toContain("The build failed: status 2. There is nothing to call.\n");
    save("plugin.c", good);
    expect(await dev.until(called)).toContain('"success": true');
  });

  test("says that its directory has gone, and goes on once it is back", async () => {
    await using dev = develop("hello");
    await dev.until("Ctrl-C ends.\n");
    renameSync(home, join(directory, "away"));
    expect(await dev.until("stays.\n")).toContain(`The build failed: there is no ${home} any more. The plugin`);
    renameSync(join(directory, "away"), home);
    expect(await dev.until(called)).toContain("The result is the same.\n");
  });

  test("keeps the plugin where the library cannot be loaded", async () => {
    await using dev = develop("hello");
    await dev.until("Ctrl-C ends.\n");
    const good = source();
    save("plugin.c", good.replace("vtcode_plugin_version", "another_version"));
    expect(await dev.until("\n  ")).toContain("dlrpc: SYMBOL_MISSING: ");
    save("plugin.c", good);
    expect(await dev.until(called)).toContain("The result is the same.");
  });

  test("shows what the plugin prints and how it crashes, and goes on", async () => {
    await using dev = develop("hello");
    await dev.until("Ctrl-C ends.\n");
    const good = source();
    const crash = 'fputs("about to fall\\n", stderr); *(volatile int *)8 = 1; return';
    save("plugin.c", good.replace("return answer", `${crash} answer`));
    const crashed = await dev.until("\n  at vtcode_plugin_execute");
    expect(crashed).toMatch(/\nabout to fall\n(.*\n)*dlrpc: PLUGIN_CRASHED: .*SIGSEGV/);
    save("plugin.c", good);
    expect(await dev.until(called)).toContain("The result is the same.");
  });

  test("what plugin.json asks for anew is granted anew; what is warned of is said once", async () => {
    const asking = (permissions: object) => {
      const manifest = JSON.parse(readFileSync(join(home, "plugin.json"), "utf8"));
      save("plugin.json", JSON.stringify({ ...manifest, permissions }));
    };
    for (const [args, warned] of [
      [[], true],
      [["--grant-requested"], false],
    ] as const) {
      asking({});
      await using dev = develop("hello", ...args);
      await dev.until("Ctrl-C ends.\n");
      asking({ network: true });
      expect((await dev.until(called)).includes("PERMISSIONS_NOT_GRANTED")).toBe(warned);
      save("input.json", `{"args":${JSON.stringify(args)}}`);
      expect(await dev.until(called)).not.toContain("PERMISSIONS_NOT_GRANTED");
    }
  });

  test("builds nothing for a file that is saved as it was, nor for what builds make", async () => {
    await using dev = develop("hello");
    await dev.until("Ctrl-C ends.\n");
    utimesSync(join(home, "plugin.c"), 1, 1);
    mkdirSync(join(home, "build"));
    for (const name of ["build/made.c", "plugin.o", ".hidden.c", "plugin.c~"]) save(name, "anything");
    symlinkSync("loop", join(home, "loop"));
    save("input.json", "{}");
    expect(await dev.until(called)).toMatch(/^\nChanged: input\.json\n(?!Build)/);
  });

  test("hears of files in directories that are made later", async () => {
    await using dev = develop("hello");
    await dev.until("Ctrl-C ends.\n");
    mkdirSync(join(home, "src", "deep"), { recursive: true });
    save("src/deep/more.h", "");
    expect(await dev.until(called)).toContain("Changed: src/deep/more.h\n");
    save("src/deep/more.h", "int more;\n");
    expect(await dev.until(called)).toContain("Changed: src/deep/more.h\n");
  });

  test("what is saved while it builds is part of the same round", async () => {
    await using gate = new Gate();
    await using dev = develop("hello", "--", "sh", "-c", 'cat "$1"; make -s', "sh", gate.input.input.gate);
    await gate.reached();
    save("other.h", "#define OTHER 1\n");
    save("plugin.c", `#include "other.h"\n${source()}`);
    await gate.open();
    await dev.until("Changed: other.h, plugin.c\nBuild: sh");
    await gate.reached();
    await gate.open();
    const round = await dev.until(called);
    expect(round.match(/Built in/g)).toHaveLength(1);
  });

  test("an input that cannot be read is said, and waited for", async () => {
    save("other.json", "{}");
    await using dev = develop("hello", "--input", "@hello/other.json", "--config", '{"depth":1}');
    expect(await dev.until("Ctrl-C ends.\n")).toContain('"depth": 1');
    save("other.json", "{");
    await dev.until("dlrpc: --input is not JSON");
    save("other.json", '{"whole":true}');
    expect(await dev.until(called)).toContain('+       "whole": true\n');
  });

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s leaves nothing behind", async (signal) => {
    await using dev = develop("hello");
    await dev.until("Ctrl-C ends.\n");
    const processes = childrenOf(dev.child.pid as number);
    expect(processes.length).toBeGreaterThan(0);
    dev.child.kill(signal);
    expect(await dev.ended()).toBe(signal);
    await gone(...processes);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test("Ctrl-C ends a build with all that it has started", async () => {
    await using gate = new Gate();
    await using dev = develop("hello", "--", "sh", "-c", 'sleep 1000 & cat "$1"', "sh", gate.input.input.gate);
    await gate.reached();
    const processes = descendantsOf(dev.child.pid as number);
    expect(processes.length).toBeGreaterThanOrEqual(3);
    dev.interrupt();
    expect(await dev.ended()).toBe("SIGINT");
    await gone(...processes);
  });

  test("a second Ctrl-C ends a build that does not heed the first", async () => {
    await using gate = new Gate();
    const stubborn = 'trap "echo heard" INT; cat "$1"; cat "$1"';
    await using dev = develop("hello", "--", "sh", "-c", stubborn, "sh", gate.input.input.gate);
    await gate.reached();
    const processes = descendantsOf(dev.child.pid as number);
    dev.interrupt();
    await dev.until("\nheard\n");
    dev.interrupt();
    expect(await dev.ended()).toBe("SIGINT");
    await gone(...processes);
  });

  test("Ctrl-C ends a call that runs", async () => {
    await using gate = new Gate();
    const waiting = `FILE *gate = fopen("${gate.input.input.gate}", "r"); fgetc(gate); return`;
    save("plugin.c", source().replace("return answer", `${waiting} answer`));
    await using dev = develop("hello");
    await gate.reached();
    const processes = descendantsOf(dev.child.pid as number);
    dev.interrupt();
    expect(await dev.ended()).toBe("SIGINT");
    await gone(...processes);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test.skipIf(lacks("script"))("on a terminal what went is red and what came green, and Ctrl-C ends it", async () => {
    const terminal = beginOnTerminal([...ownProgram, "dev", home]);
    const screen = screenOf(terminal.stdout);
    await screen.until("Ctrl-C ends.");
    save("input.json", '{"text":"Bye"}');
    await screen.until("(was");
    terminal.stdin.write("\u0003");
    const shown = await screen.all();
    const [red, green, end] = [31, 32, 0].map((colour) => `\u001b[${colour}m`);
    expect(shown).toContain(`${red}-       "text": "Hello"${end}\n${green}+       "text": "Bye"${end}\n`);
    expect(shown).toMatch(/\^C$/);
  });

  test("a command that is not there is said", async () => {
    await using dev = develop("hello", "--", "no-such-compiler");
    expect(await dev.until("Ctrl-C ends.\n")).toMatch(/The build failed: `no-such-compiler` cannot be run: .*ENOENT/);
  });
});

test.each([
  [[], /^dlrpc: dev needs the plugin's directory/],
  [["nowhere"], /^dlrpc: there is no directory nowhere; `dlrpc new NAME --lang c` makes one with a plugin/],
  [["hello", "make"], /^dlrpc: `make` is one too many; the command that builds follows --/],
  [["tmp"], /^dlrpc: tmp holds no Makefile; say what builds it: dlrpc dev tmp -- COMMAND…/],
  [["hello", "--input", "-"], /^dlrpc: --input is read for each call: give JSON or @FILE/],
  [["hello", "--input", "["], /^dlrpc: --input is not JSON/],
  [["hello", "--memory-mb", "none"], /^dlrpc: --memory-mb is `none`/],
])("dev %j is refused in one sentence", async (args, message) => {
  const { status, stdout, stderr } = await run(["dev", ...args], { cwd: directory });
  expect([status, stdout, stderr]).toEqual([2, "", expect.stringMatching(message)]);
  expect(stderr).toMatch(/^[^\n]*\n$/);
});

test.skipIf(lacks("make"))("what dev itself says may go to a file beside the sources", async () => {
  const said = join(home, "dev.log");
  const into = openSync(said, "w");
  const [file = "", ...args] = [...ownProgram, "dev", "hello", "--", "true"];
  execFileSync("make", ["-s"], { cwd: home });
  const child = spawn(file, args, { cwd: directory, stdio: ["ignore", into, into] });
  closeSync(into);
  const until = async (text: string) => {
    while (!readFileSync(said, "utf8").includes(text)) await setTimeout(5);
  };
  await until("Ctrl-C ends.\n");
  save("input.json", '{"text":"Bye"}');
  await until("(was");
  child.kill("SIGINT");
  expect(await once(child, "exit")).toEqual([null, "SIGINT"]);
  expect(readFileSync(said, "utf8").match(/^Changed: .*/gm)).toEqual(["Changed: input.json"]);
});

test.skipIf(lacks("make"))("dev ends where nobody reads what it says", async () => {
  const [file = "", ...args] = [...ownProgram, "dev", "hello", "--", "true"];
  execFileSync("make", ["-s"], { cwd: home });
  const child = spawn(file, args, { cwd: directory, stdio: ["ignore", "pipe", "ignore"] });
  child.stdout.destroy();
  expect(await once(child, "exit")).toEqual([74, null]);
});

test("the difference of two texts is the fewest lines that went and came", () => {
  const marks = { same: "=", gone: "-", new: "+" } as const;
  const diff = (before: string, after: string) => diffLines([...before], [...after]);
  const text = (lines: ReturnType<typeof diffLines>) => lines.map((line) => marks[line.kind] + line.text).join("");
  expect(text(diff("abc", "abc"))).toBe("=a=b=c");
  expect(text(diff("", "ab"))).toBe("+a+b");
  expect(text(diff("ab", ""))).toBe("-a-b");
  expect(text(diff("abcd", "axcy"))).toBe("=a-b+x=c-d+y");
  expect(text(diff("aab", "ab"))).toBe("=a-a=b");
  expect(text(diff("abcabba", "cbabac")).match(/[-+]/g)).toHaveLength(5);
  expect(text(around(diff("abcdefgh", "abcdXfgh"), 1))).toBe("=d-e+X=f");
  expect(around(diff("abc", "abc"), 2)).toEqual([]);
});
