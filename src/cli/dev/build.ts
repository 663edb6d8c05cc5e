// Owns running the command that builds a plugin: what it says goes to stderr, and nothing of it is left when it is over.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { STDERR } from "../terminal.ts";

export interface BuildSignals {
  /** Ends it as Ctrl-C ends what a shell runs: compilers then remove what they have begun. */
  readonly interrupted: AbortSignal;
  /** Ends it at once. */
  readonly hurried: AbortSignal;
}

/**
 * Runs a command in a process group of its own. When it ends, all that is left of the group is ended.
 * @param directory where it runs
 * @returns undefined where it succeeded, else how it ended, in words
 */
export async function runBuild(
  [command = "", ...args]: readonly string[],
  directory: string,
  { interrupted, hurried }: BuildSignals,
): Promise<string | undefined> {
  const child = spawn(command, args, { cwd: directory, stdio: ["ignore", STDERR, STDERR], detached: true });
  const interrupt = () => endGroup(child.pid, "SIGINT");
  const hurry = () => endGroup(child.pid, "SIGKILL");
  interrupted.addEventListener("abort", interrupt);
  hurried.addEventListener("abort", hurry);
  try {
    return await new Promise((resolve) => {
      child.once("error", (error) =>
        resolve(
          existsSync(directory)
            ? `\`${command}\` cannot be run: ${error.message}`
            : `there is no ${directory} any more`,
        ),
      );
      child.once("exit", (status, signal) => resolve(status === 0 ? undefined : (signal ?? `status ${status}`)));
    });
  } finally {
    interrupted.removeEventListener("abort", interrupt);
    hurried.removeEventListener("abort", hurry);
    hurry();
  }
}

function endGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  if (leader === undefined) return; // it did not start
  try {
    process.kill(-leader, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // nothing of it is left
  }
}
