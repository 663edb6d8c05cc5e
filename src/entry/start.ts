// Owns running a command line: what people read when that fails, and the end of the process with its status.

import { writeSync } from "node:fs";
import { startFailure } from "../base/start-failure.ts";
import { NoDirectory } from "../platform/worker-program/no-directory.ts";

/** The status where it cannot start (cli/exit-status.ts: USAGE). */
const FAILURE = 2;
const STDERR = 2;
const LONGEST_INTERVAL_MS = 2 ** 31 - 1;

/** @param run is given what follows the program's name, and returns the exit status */
export function start(run: (args: readonly string[]) => Promise<number>): void {
  void end(run).catch((error: unknown) => {
    failToStart(error instanceof NoDirectory ? error.message : `it cannot start: ${startFailure(error)}`);
  });
}

function failToStart(sentence: string): never {
  writeSync(STDERR, `dlrpc: ${sentence}\n`);
  process.exit(FAILURE);
}

async function end(run: (args: readonly string[]) => Promise<number>): Promise<never> {
  setInterval(() => {}, LONGEST_INTERVAL_MS); // descriptors are watched, but that alone keeps no process running
  const { statusOf } = await import("../cli/report-error.ts");
  const status = await statusOf(() => run(process.argv.slice(2)));
  const { exitNow } = await import("#platform/processes/own-process");
  return exitNow(status); // at once, whatever is still open
}
