// Owns the terminal of a process, whatever its streams are.

import { openSync } from "node:fs";

/** @returns a descriptor to read from it (tty(4)) @throws as node:fs where there is none */
export function openTerminal(): number {
  return openSync("/dev/tty", "r");
}
