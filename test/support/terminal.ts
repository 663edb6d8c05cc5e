// Runs a command on a terminal of its own: script(1) makes one.

import { execFileSync } from "node:child_process";

/** @returns all that the command wrote to the terminal, which is 80 columns wide */
export function onTerminal(command: readonly string[], environment: NodeJS.ProcessEnv = {}): string {
  const words = Object.fromEntries(command.map((word, i) => [`WORD_${i}`, word]));
  const line = command.map((_, i) => `"$WORD_${i}"`).join(" ");
  return execFileSync("script", ["-qec", `stty cols 80; ${line}`, "/dev/null"], {
    // As a person's: in CI, Node takes a terminal for a log.
    env: { ...process.env, ...environment, TERM: "xterm-256color", NO_COLOR: undefined, CI: undefined, ...words },
    input: "",
    encoding: "utf8",
  });
}
