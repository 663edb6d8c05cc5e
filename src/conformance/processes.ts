// Owns other processes that transcripts speak of: one that only waits to be ended, and the end of one of the server's.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";

/** How often it is looked: nothing tells of the end of a process that is not one's child. */
const LOOK_EVERY_MS = 5;

/** A process that does nothing until it is ended. */
export class IdleProcess {
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.child = child;
  }

  static async start(): Promise<IdleProcess> {
    const child = spawn("cat", [], { stdio: ["pipe", "ignore", "ignore"] });
    await once(child, "spawn");
    return new IdleProcess(child);
  }

  get pid(): number {
    return this.child.pid as number;
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill("SIGKILL");
    await once(this.child, "exit");
  }
}

/** Resolves when the process has ended. @throws the reason of `signal` when that comes first */
export async function processEnd(pid: number, signal: AbortSignal): Promise<void> {
  while (isAlive(pid)) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** A process that has ended but was not waited for by its parent has ended. */
function isAlive(pid: number): boolean {
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
