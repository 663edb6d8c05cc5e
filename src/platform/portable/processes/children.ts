// Owns the workers that this process has started: each ends with all that it has started, as far as the system knows that.

import type { ChildProcess } from "node:child_process";
import { killGroup } from "../../both-halves/processes/posix-group.ts";
import type { End } from "../../end.ts";
import { exceptionName } from "../../windows/processes/exception-names.ts";
import { Job } from "../../windows/processes/job.ts";
import { system } from "../program/system.ts";

interface Worker {
  readonly child: ChildProcess;
  /** Holds it and all that it has started; on other systems than Windows that is its process group. */
  readonly job: Job | undefined;
}

const workers = new Map<number, Worker>();

/**
 * To be called as soon as a worker is started, before any code of a plugin runs in it.
 * @param ended is called once, later
 * @throws Error where it cannot be held: then it is ended
 */
export function takeIn(child: ChildProcess, pid: number, ended: (end: End) => void): void {
  try {
    workers.set(pid, { child, job: system === "windows" ? jobOf(pid) : undefined });
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  child.once("exit", (exitCode, signal) => {
    const exception = system === "windows" ? exceptionName(exitCode) : undefined;
    ended({ signal, exitCode, ...(exception !== undefined && { exception }) });
    forget(pid);
  });
}

function jobOf(pid: number): Job {
  const job = new Job();
  try {
    job.add(pid);
    return job;
  } catch (error) {
    job[Symbol.dispose]();
    throw error;
  }
}

/** The job that a worker is in; undefined where the system has none. */
export function jobOfWorker(pid: number): Job | undefined {
  return workers.get(pid)?.job;
}

/** Ends a worker at once; nothing happens where it has ended. */
export function killWorker(pid: number): void {
  const worker = workers.get(pid);
  if (worker === undefined) return;
  worker.child.kill("SIGKILL"); // by which Node knows that it was ended, also where there are no signals (E22)
  worker.job?.terminate();
}

/** Ends what a worker that has ended has left behind; what has left its process group is not found. */
export function endLeftBehind(pid: number): void {
  const job = jobOfWorker(pid);
  if (job === undefined) killGroup(pid);
  else job.terminate();
}

/** Ends all workers and what they have started: to be called right before the end, when there is no time for order. */
export function endDescendants(): void {
  for (const pid of workers.keys()) {
    endLeftBehind(pid);
    killWorker(pid);
  }
}

function forget(pid: number): void {
  workers.get(pid)?.job?.[Symbol.dispose]();
  workers.delete(pid);
}
