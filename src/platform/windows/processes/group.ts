// Owns a command and all that it starts, as a job.

import { spawn } from "node:child_process";
import type { Group, GroupOptions } from "../../both-halves/processes/posix-group.ts";
import { Job } from "./job.ts";

/** @throws WindowsError where there can be no job */
export function startJob(command: string, args: readonly string[], { directory, stdio }: GroupOptions): Group {
  const job = new Job();
  const child = spawn(command, args, { cwd: directory, stdio });
  if (child.pid !== undefined) job.add(child.pid);
  return {
    child,
    interrupt: () => job.terminate(), // whoever pressed Ctrl-C has pressed it for all that is on the console
    end: () => job[Symbol.dispose](),
  };
}
