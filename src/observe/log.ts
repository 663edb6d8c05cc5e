// Owns the program's own log: lines on stderr, from a level up.

import { writeSync } from "node:fs";
import { isatty } from "node:tty";
import { visible } from "../base/visible.ts";

export const logLevels = ["error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof logLevels)[number];

const STDERR = 2;

let threshold: LogLevel = "warn";

export function setLogLevel(level: LogLevel): void {
  threshold = level;
}

/** Writes one line. A log that nobody takes is lost: it must not stop the program. */
export function log(level: LogLevel, message: string): void {
  if (logLevels.indexOf(level) > logLevels.indexOf(threshold)) return;
  try {
    writeSync(STDERR, `dlrpc: ${level}: ${isatty(STDERR) ? visible(message) : message}\n`);
  } catch {
    // stderr is closed or full, and there is nowhere else to say so
  }
}

/** What went wrong inside dlrpc itself, with the stack. */
export function logDefect(error: unknown): void {
  log("error", `internal error: ${error instanceof Error ? error.stack : String(error)}`);
}
