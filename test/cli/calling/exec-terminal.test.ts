// What plugins and packages have a part in never commands the terminal of whoever runs `dlrpc`; in a pipe it is exact.

import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { lacks } from "../../../fixtures/tools.ts";
import { visible } from "../../../src/base/visible.ts";
import { Gate } from "../../support/gate.ts";
import { plugin, program } from "../../support/paths.ts";
import { PluginDirectory } from "../../support/plugin-directory.ts";
import { screenOf } from "../../support/screen.ts";
import { beginOnTerminal, onTerminal } from "../../support/terminal.ts";

const hex = (text: string | Buffer) => Buffer.from(text).toString("hex");

/** Turns red, sets the title, is C1 in UTF-8, rings, goes back, turns letters around. */
const nasty = "\u001b[31mred\u001b]0;title\u0007 \u009b2J \u007f\b\r \u202egnp.exe\ttab";
const shownNasty = "\\x1b[31mred\\x1b]0;title\\x07 \\xc2\\x9b2J \\x7f\\x08\\x0d \\xe2\\x80\\xaegnp.exe\ttab";
/** What the bar and the terminal's own line ends need. */
const harmless = /^[^\p{Cc}\u202a-\u202e\u2066-\u2069]*$/u;

function words(...args: string[]): string[] {
  return [process.execPath, program, ...args];
}

function parrot(input: object, ...args: string[]): string[] {
  return words("exec", plugin("parrot"), "--input", JSON.stringify(input), ...args);
}

/** What the terminal shows, whatever the command ends with; without colours, which are not of interest here. */
function shown(command: readonly string[]): string {
  return onTerminal(["sh", "-c", '"$@" || true', "sh", ...command], { NO_COLOR: "1" }).replaceAll("\r\n", "\n");
}

function piped([file = "", ...args]: readonly string[]) {
  return spawnSync(file, args, { encoding: "buffer", env: { ...process.env, HOME: "/nonexistent" } });
}

test("visible shows what commands a terminal, and nothing else", () => {
  expect(visible(nasty)).toBe(shownNasty);
  const other = "\t\n ~ é ☃ 👩‍🔬 \ud800";
  expect(visible(other)).toBe(other);
});

test("in a pipe exec passes what a plugin prints as it is, byte by byte", () => {
  const bytes = Buffer.concat([Buffer.from(`${nasty}\n`), Buffer.from([0x9b, 0xff, 0x00, 0x0a])]);
  const { status, stderr } = piped(parrot({ print: hex(bytes) }));
  expect([status, stderr.equals(bytes)]).toEqual([0, true]);
});

describe.skipIf(lacks("script"))("on a terminal", () => {
  test("what a plugin prints is shown", () => {
    expect(shown(parrot({ print: hex(`${nasty}\n`) }))).toContain(`${shownNasty}\n`);
  });

  test("what is not UTF-8 is shown as U+FFFD: a terminal of 8 bits would obey it", () => {
    expect(shown(parrot({ print: "4142 9b 43 ff 0a".replaceAll(" ", "") }))).toContain("AB\ufffdC\ufffd\n");
  });

  test("a character that is cut over two reads is shown, or obeyed, no more than a whole one", async () => {
    for (const [first, second, is] of [
      ["c2", "9b", "\\xc2\\x9b"],
      ["e280", "ae", "\\xe2\\x80\\xae"],
      ["e2", "9883", "☃"],
      ["e2", "41", "\ufffdA"],
    ] as const) {
      await using gate = new Gate();
      const input = { print: `${hex("before ")}${first}`, gate: gate.input.input.gate, rest: `${second}0a` };
      const screen = screenOf(beginOnTerminal(parrot(input)).stdout);
      await screen.until("before ");
      await gate.reached();
      await gate.open();
      expect(await screen.all()).toContain(`before ${is}\n`);
    }
  });

  test("half of a character at the end is shown as that", () => {
    expect(shown(parrot({ print: `${hex("end ")}e298` }))).toMatch(/end .*\ufffd/s);
  });

  test("what it logs is shown", () => {
    expect(shown(parrot({ log: hex(nasty) }))).toContain(`warn: ${shownNasty}\n`);
  });

  test("how far it says that it is does not command, either", () => {
    const screen = shown(parrot({ report: hex("\u001b[2J\u009b2J") }));
    expect(screen).toMatch(/50 %/);
    expect(screen).not.toContain("\u001b[2J");
    expect(screen).not.toContain("\u009b");
  });

  test("errors and warnings are shown: they quote plugin.json, file names and what a plugin wrote last", () => {
    using plugins = new PluginDirectory();
    const made = plugins.add("made", { manifest: { permissions: { [nasty]: true } } });
    for (const command of [
      words("exec", made),
      words("exec", "\u001b[31mnowhere"),
      words("exec", plugin("echo"), "--\u001b[31m"),
      words("verify", plugins.directory("\u001b[31m"), "--key", "\u001b[31m"),
    ]) {
      const screen = shown(command);
      expect(screen).toContain("\\x1b[31m");
      for (const line of screen.split("\n")) expect(line.replaceAll("\t", " ")).toMatch(harmless);
    }
  });

  test("the result is indented and in colours; its numbers are as they were written", () => {
    const answer = '{"success":true,"output":{"n":1.50,"big":12345678901234567890},"error":null,"files":[]}';
    const [name, value] = [
      (text: string) => `\u001b[34m"${text}"\u001b[0m`,
      (text: string) => `\u001b[33m${text}\u001b[0m`,
    ];
    const screen = onTerminal(parrot({ answer: hex(answer) })).replaceAll("\r\n", "\n");
    expect(screen).toContain(
      `    ${name("n")}: ${value("1.50")},\n    ${name("big")}: ${value("12345678901234567890")}\n`,
    );
    expect(onTerminal(parrot({ answer: hex(answer) }), { NO_COLOR: "1" })).not.toContain("\u001b[3");
    expect(onTerminal(parrot({ answer: hex(answer) }), { TERM: "dumb" })).not.toContain("\u001b");
  });

  test("a large result is cut, and it is said how to have all of it; in a pipe it is whole", () => {
    using files = new PluginDirectory();
    const list = Array.from({ length: 1000 }, (_, n) => n);
    const answer = JSON.stringify({ success: true, output: { list, text: "x".repeat(5000) }, error: null, files: [] });
    const input = files.file("input.json", JSON.stringify({ answer: hex(answer) }));
    const command = words("exec", plugin("parrot"), "--input", `@${input}`);
    const screen = shown(command);
    expect(screen).toContain("\n      99,\n      … 900 more elements\n");
    expect(screen).toContain('xxx…" … 4,000 more bytes');
    expect(screen).toMatch(/^dlrpc: the result has [\d,]+ bytes and is cut; to have all of it, pipe it: … > FILE$/m);
    const { stdout, stderr } = piped(command);
    expect([stdout.toString(), stderr.toString()]).toEqual([`${answer}\n`, ""]);
  });

  test("what a result has unescaped and a terminal would obey is escaped there", () => {
    const answer = `{"success":true,"output":{"text":"\u009b2J\u007f\u202e"},"error":null,"files":[]}`;
    expect(shown(parrot({ answer: hex(answer) }))).toContain('"text": "\\u009b2J\\u007f\\u202e"\n');
    expect(piped(parrot({ answer: hex(answer) })).stdout.toString()).toBe(`${answer}\n`);
  });
});
