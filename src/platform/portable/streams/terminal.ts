// Owns the terminal of a process, whatever its streams are.

import { openSync } from "node:fs";
import { system } from "../program/system.ts";

/** @returns a descriptor to read from it @throws as node:fs where there is none */
export function openTerminal(): number {
  // A console whose mode is to be changed has to be open for both (SetConsoleMode).
  return system === "windows" ? openSync("\\\\.\\CONIN$", "r+") : openSync("/dev/tty", "r");
}
