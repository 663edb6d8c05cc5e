// What `dlrpc exec` shows of a call while it runs: partial results, progress, what the plugin logs; and Ctrl-C.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { lacks } from "../../../fixtures/tools.ts";
import { Gate } from "../../support/gate.ts";
import { gone } from "../../support/gone.ts";
import { plugin, program } from "../../support/paths.ts";
import { childrenOf } from "../../support/processes.ts";
import { run } from "../../support/run.ts";
import { screenOf } from "../../support/screen.ts";
import { beginOnTerminal, onTerminal } from "../../support/terminal.ts";

const result = (calls: number, passed: number) =>
  `{"success":true,"output":{"calls":${calls},"passed":${passed}},"error":null,"files":[]}\n`;

function execArgs(input: object, ...args: string[]): string[] {
  return ["exec", plugin("streaming"), "--input", JSON.stringify(input), ...args];
}

/** exec with stdout and stderr as pipes. */
function begin(input: object, ...args: string[]) {
  const child = spawn(process.execPath, [program, ...execArgs(input, ...args)], { stdio: ["ignore", "pipe", "pipe"] });
  return { child, stdout: child.stdout, stderr: child.stderr };
}

test("exec --stream prints partial results as lines, and the result as the last one", async () => {
  const { status, stdout, stderr } = await run(execArgs({ do: "emit_numbers", count: 1000 }, "--stream"));
  const lines = Array.from({ length: 1000 }, (_, n) => `{"n":${n}}\n`);
  expect(stdout).toBe(`${lines.join("")}${result(1, 1000)}`);
  expect([status, stderr]).toEqual([0, ""]);
});

test("exec without --stream asks for no partial results", async () => {
  expect((await run(execArgs({ do: "emit_numbers", count: 3 }))).stdout).toBe(result(1, 0));
});

test("exec --stream prints a value as it was written, but on one line", async () => {
  const { stdout } = await run(execArgs({ do: "emit_as_written" }, "--stream"));
  expect(stdout).toBe(`{    "big": 12345678901234567890,   "text": "\\n" }\n${result(1, 1)}`);
});

test("exec --stream prints them as they come", async () => {
  await using gate = new Gate();
  const { child, stdout } = begin({ do: "emit_numbers", count: 1, ...gateOf(gate) }, "--stream");
  const printed = screenOf(stdout);
  await printed.until('{"n":0}\n');
  await gate.reached();
  await gate.open();
  expect(await once(child, "exit")).toEqual([0, null]);
  expect(await printed.all()).toBe(`{"n":0}\n${result(1, 1)}`);
});

function gateOf(gate: Gate): { gate: string } {
  return { gate: gate.input.input.gate };
}

test("exec --stream prints what came before a call failed", async () => {
  const { status, stdout, stderr } = await run(execArgs({ do: "emit_and_abort" }, "--stream"));
  expect([status, stdout]).toEqual([4, "1\n2\n"]);
  expect(stderr).toMatch(/^dlrpc: PLUGIN_CRASHED: .*SIGABRT/);
});

test("exec --stream says what is wrong with a partial result that is not JSON", async () => {
  const { status, stdout, stderr } = await run(execArgs({ do: "emit_no_json" }, "--stream"));
  expect([status, stdout]).toEqual([3, "1\n"]);
  expect(stderr).toMatch(/^dlrpc: INVALID_RESULT: .*partial result 2 is not JSON/);
});

test("exec --stream ends quietly, and its plugin with it, when nobody reads what it prints", async () => {
  const { child, stdout } = begin({ do: "emit_until_stopped" }, "--stream");
  await once(stdout, "data");
  const workers = childrenOf(child.pid as number);
  stdout.destroy();
  expect(await once(child, "exit")).toEqual([74, null]);
  await gone(...workers);
});

test("exec shows what a plugin logs on stderr, with its level", async () => {
  const { status, stdout, stderr } = await run(execArgs({ do: "say_all" }));
  expect([status, stdout]).toEqual([0, result(1, 0)]);
  expect(stderr).toBe("error: an error\nwarn: a warning\ninfo: two\nlines\ndebug: a detail\n");
});

test("exec draws no progress where stderr is no terminal", async () => {
  const { stdout, stderr } = await run(execArgs({ do: "report_and_say" }));
  expect([stdout, stderr]).toEqual([result(1, 0), "warn: the rest is large\n"]);
});

const erase = "\r\u001b[K";

describe.skipIf(lacks("script"))("on a terminal", () => {
  const bar = (what: string) => `${erase}\u001b[?7l${what}\u001b[?7h`;
  const quarter = "[======                  ]  25 %  3/12  a quarter  [31mof it";

  const resultShown = (calls: number, passed: number) =>
    `${JSON.stringify(JSON.parse(result(calls, passed)), null, 2)}\n`;

  function shown(input: object, environment: NodeJS.ProcessEnv = {}): string {
    return onTerminal([process.execPath, program, ...execArgs(input, "--stream")], {
      NO_COLOR: "1",
      ...environment,
    }).replaceAll("\r\n", "\n");
  }

  test("exec draws a bar below all else, and leaves nothing of it", () => {
    expect(shown({ do: "report_and_say" })).toBe(
      `${bar(quarter)}${erase}warn: the rest is large\n${bar(quarter)}${erase}${resultShown(1, 0)}`,
    );
  });

  test("exec shows how much is done where nobody knows of how much", () => {
    expect(shown({ do: "report_without_total" })).toBe(`${bar("7")}${erase}${resultShown(1, 0)}`);
  });

  test("exec draws no bar where the plugin has not ended its line, and ends it before the result", async () => {
    await using gate = new Gate();
    const input = { do: "print_unfinished", ...gateOf(gate), next: "report_without_total" };
    const { stdout } = beginOnTerminal([process.execPath, program, ...execArgs(input)], { NO_COLOR: "1" });
    const screen = screenOf(stdout);
    await screen.until("no line end");
    await gate.reached();
    await gate.open();
    expect(await screen.all()).toBe(`no line end\n${resultShown(1, 0)}`);
  });

  test("exec draws no bar on a terminal that cannot erase it", () => {
    expect(shown({ do: "report_and_say" }, { TERM: "dumb" })).toBe(`warn: the rest is large\n${resultShown(1, 0)}`);
  });
});

describe("Ctrl-C", () => {
  test("asks the plugin to stop, and ends exec as a shell expects it", async () => {
    const { child, stdout, stderr } = begin({ do: "wait_until_stopped" }, "--stream");
    const printed = Promise.all([text(stdout), text(stderr)]);
    await once(stdout, "data");
    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([null, "SIGINT"]);
    expect(await printed).toEqual(['"waiting"\n', "stopped\n"]);
  });

  test("ends a plugin that does not stop", async () => {
    await using gate = new Gate();
    const { child } = begin({ do: "emit_numbers", ...gateOf(gate) });
    await gate.reached();
    const workers = childrenOf(child.pid as number);
    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([null, "SIGINT"]);
    await gone(...workers);
  });

  test.skipIf(lacks("script"))("typed on a terminal, is status 130, and the bar is gone", async () => {
    const command = [process.execPath, program, ...execArgs({ do: "report_and_say", next: "wait_until_stopped" })];
    const { stdin, stdout } = beginOnTerminal(["sh", "-c", 'trap : INT; "$@"; echo "status $?"', "sh", ...command]);
    const screen = screenOf(stdout);
    await screen.until("the rest is large");
    stdin.write("\u0003");
    const shown = await screen.all();
    expect(shown).toMatch(/stopped\nstatus 130\n$/);
    expect(shown.lastIndexOf(erase)).toBeGreaterThan(shown.lastIndexOf("3/12"));
  });
});
