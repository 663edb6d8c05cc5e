// What transcripts wait for that nothing tells of, and processes: one that waits to be ended, the end of a server's.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { tolerating } from "../../base/failures.ts";
import { ownSystem } from "../../plugins/libraries/platform-directory.ts";

const LOOK_EVERY_MS = 5;

/** Resolves when it holds. @throws the reason of `signal` when that comes first */
export async function until(holds: () => boolean, signal: AbortSignal): Promise<void> {
  while (!holds()) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** A process that does nothing until it is ended. */
export async function startIdleProcess(): Promise<ChildProcess> {
  const child = spawn(ownSystem === "win32" ? "cmd.exe" : "cat", [], {
    stdio: ["pipe", "ignore", "ignore"],
    windowsHide: true,
  });
  await once(child, "spawn");
  return child;
}

/** Resolves when the process has ended. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.kill("SIGKILL")) await once(child, "exit");
}

/** Ends a process that was started as the leader of a group, and the group; it may have ended. */
export function endGroup(child: ChildProcess): void {
  if (ownSystem === "win32") {
    child.kill("SIGKILL"); // there are no groups: what it has started is its own affair (L4)
    return;
  }
  tolerating(["ESRCH"], () => process.kill(-(child.pid as number), "SIGKILL")); // else nothing is left
}

/** A process that has ended but was not waited for by its parent has ended. */
export function isAlive(pid: number): boolean {
  if (existsSync("/proc/self/stat")) {
    try {
      return !/^\d+ \(.*\) [ZX] /s.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
    } catch {
      return false; // no such process
    }
  }
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
