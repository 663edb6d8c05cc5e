// A command and all that it starts, as a process group (setpgid(2)).

import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { tolerating } from "../../../base/failures.ts";

export interface GroupOptions {
  readonly directory: string;
  readonly stdio: StdioOptions;
}

/** A command that runs, with all that it has started. */
export interface Group {
  /** As Node tells of it, also that it could not be started. */
  readonly child: ChildProcess;
  /** Ends it as Ctrl-C ends what a shell runs: compilers then remove what they have begun. */
  interrupt(): void;
  /** Ends at once what is left of it. To be called in the end, also where the command has ended by itself. */
  end(): void;
}

export function startGroup(command: string, args: readonly string[], { directory, stdio }: GroupOptions): Group {
  const child = spawn(command, args, { cwd: directory, stdio, detached: true });
  return {
    child,
    interrupt: () => signal(child.pid, "SIGINT"),
    end: () => signal(child.pid, "SIGKILL"),
  };
}

function signal(leader: number | undefined, name: NodeJS.Signals): void {
  if (leader === undefined) return; // it did not start
  tolerating(["ESRCH"], () => process.kill(-leader, name)); // nothing of it is left
}

/** What a worker has started: it leads a process group of its own. */
export function killGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // ESRCH: it had no other member
  }
}
