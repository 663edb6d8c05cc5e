// Runs a command on a terminal of its own: script(1) makes one.

import { type ChildProcessByStdio, execFileSync, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";

/** @returns all that the command wrote to the terminal, which is 80 columns wide */
export function onTerminal(command: readonly string[], environment: NodeJS.ProcessEnv = {}): string {
  const { args, env } = scriptOf(command, environment);
  return execFileSync("script", args, { env, input: "", encoding: "utf8" });
}

/** Starts the command. @returns script(1): what it is given is typed, what it writes is shown */
export function beginOnTerminal(
  command: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): ChildProcessByStdio<Writable, Readable, null> {
  const { args, env } = scriptOf(command, environment);
  return spawn("script", args, { env, stdio: ["pipe", "pipe", "inherit"] });
}

function scriptOf(command: readonly string[], environment: NodeJS.ProcessEnv) {
  const words = Object.fromEntries(command.map((word, i) => [`WORD_${i}`, word]));
  const line = command.map((_, i) => `"$WORD_${i}"`).join(" ");
  // As a person's: in CI, Node takes a terminal for a log.
  const person = { TERM: "xterm-256color", NO_COLOR: undefined, CI: undefined };
  return {
    args: ["-qec", `stty cols 80; ${line}`, "/dev/null"],
    env: { ...process.env, ...person, ...environment, ...words },
  };
}
