// Owns starting a worker, with pipes of Node's between it and this process.

import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import type { Readable, Writable } from "node:stream";
import type { End } from "../end.ts";
import type { Launched, LaunchOptions } from "../launched.ts";
import { takeIn } from "./children.ts";
import { SharedMemory as NamelessFile } from "./posix/shared-memory.ts";

/** How much of its name a process shows. */
const SHOWN_NAME_BYTES = 15;

/**
 * Starts a worker, which ends with this process from then on.
 * @param ended is called once, later
 * @throws Error why it cannot be started
 */
export function launch(options: LaunchOptions, ended: (end: End) => void): Launched {
  const child = start(options);
  child.on("error", () => {}); // that it is not started shows at once; that it cannot be signalled, by its end
  if (child.pid === undefined) throw new Error(whyNot(options.program));
  takeIn(child, child.pid, ended);
  const [, stdout, stderr, requests, answers] = child.stdio as unknown as [
    null,
    Readable,
    Readable,
    Writable,
    Readable,
  ];
  return { pid: child.pid, requests, answers, stdout, stderr };
}

function start({ program, name, environment, board, maxResultBytes, startsOthers }: LaunchOptions): ChildProcess {
  const env = Object.fromEntries(
    environment.map((one) => [one.slice(0, one.indexOf("=")), one.slice(one.indexOf("=") + 1)]),
  );
  const pipes = ["ignore", "pipe", "pipe", "pipe", "pipe"] as const;
  if (board instanceof NamelessFile) {
    const args = [name.slice(0, SHOWN_NAME_BYTES), String(process.pid), String(maxResultBytes)];
    return spawn(program, args, { argv0: `dlrpc: ${name}`, env, stdio: [...pipes, board.descriptor], detached: true });
  }
  const args = [String(maxResultBytes), String(board.handle)];
  // Without a console there is no process for it, which would count in the worker's job, nor is it in libuv's own job. What
  // it starts is to have one that is not seen.
  const console = startsOthers ? { windowsHide: true } : { detached: true };
  return board.inheritedBy(() => spawn(program, args, { env, stdio: [...pipes], ...console }));
}

/** Node tells it later, when nobody waits for it any more. */
function whyNot(program: string): string {
  try {
    accessSync(program, constants.X_OK);
    return `the system does not start ${program}: it may be out of processes, memory or descriptors`;
  } catch (error) {
    return (error as Error).message;
  }
}
