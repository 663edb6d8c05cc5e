// Running the command that builds a plugin: what it says goes to stderr, and nothing of it is left when it is over.

import { existsSync } from "node:fs";
import { startGroup } from "#platform/processes/group";
import { STDERR } from "../../text/terminal.ts";

export interface BuildSignals {
  /** Ends it as Ctrl-C ends what a shell runs. */
  readonly interrupted: AbortSignal;
  /** Ends it at once. */
  readonly hurried: AbortSignal;
}

/**
 * Runs a command. When it ends, all that it has started is ended.
 * @param directory where it runs
 * @returns undefined where it succeeded, else how it ended, in words
 */
export async function runBuild(
  [command = "", ...args]: readonly string[],
  directory: string,
  { interrupted, hurried }: BuildSignals,
): Promise<string | undefined> {
  const group = startGroup(command, args, { directory, stdio: ["ignore", STDERR, STDERR] });
  interrupted.addEventListener("abort", group.interrupt);
  hurried.addEventListener("abort", group.end);
  try {
    return await new Promise((resolve) => {
      group.child.once("error", (error) =>
        resolve(
          existsSync(directory)
            ? `\`${command}\` cannot be run: ${error.message}`
            : `there is no ${directory} any more`,
        ),
      );
      group.child.once("exit", (status, signal) => resolve(status === 0 ? undefined : (signal ?? `status ${status}`)));
    });
  } finally {
    interrupted.removeEventListener("abort", group.interrupt);
    hurried.removeEventListener("abort", group.end);
    group.end();
  }
}
