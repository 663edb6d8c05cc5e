// Runs a command on a terminal of its own, which script(1) makes, and reads what it shows there.

import { type ChildProcessByStdio, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
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

export interface Screen {
  /** Waits until it shows `needed`. */
  until(needed: string): Promise<void>;
  /** All that it has shown at the end. */
  all(): Promise<string>;
}

/** Reads what comes bit by bit; what a terminal makes of line ends is undone. */
export function screenOf(stream: Readable): Screen {
  let read = "";
  stream.setEncoding("utf8").on("data", (more: string) => {
    read += more;
  });
  const ended = once(stream, "end");
  return {
    async until(needed) {
      while (!read.includes(needed)) await once(stream, "data");
    },
    async all() {
      await ended;
      return read.replaceAll("\r\n", "\n");
    },
  };
}
