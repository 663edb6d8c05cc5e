// Owns starting a worker, with pipes of Node's between it and this process.

import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { accessSync, closeSync, constants } from "node:fs";
import { constants as os } from "node:os";
import type { Duplex } from "node:stream";
import { Disposables } from "../../../base/disposables.ts";
import { CallError } from "../../../ffi/libc.ts";
import { type Launched, type LaunchOptions, workerPipes } from "../../both-halves/processes/launched.ts";
import type { End } from "../../end.ts";
import { pipe } from "../../posix/pipe.ts";
import { SharedMemory as NamelessFile } from "../../posix/shared-memory.ts";
import type { SharedMemory as Section } from "../../windows/shared-memory.ts";
import { system } from "../program/system.ts";
import { takeIn } from "./children.ts";

/** How much of its name a process shows. */
const SHOWN_NAME_BYTES = 15;

/**
 * Starts a worker, which ends with this process from then on.
 * @param ended is called once, later
 * @throws Error why it cannot be started
 */
export function launch(options: LaunchOptions, ended: (end: End) => void): Launched {
  return options.controlBlock instanceof NamelessFile
    ? launchByDescriptors(options, options.controlBlock, ended)
    : launchByHandles(options, options.controlBlock, ended);
}

/** On POSIX systems: what it finds open is as frames.ts has it. */
function launchByDescriptors(options: LaunchOptions, controlBlock: NamelessFile, ended: (end: End) => void): Launched {
  const { program, name, maxResultBytes } = options;
  using ours = new Disposables();
  using theirs = new Disposables();
  const { here, there } = workerPipes(pipe, ours, theirs);
  const args = [name.slice(0, SHOWN_NAME_BYTES), String(process.pid), String(maxResultBytes)];
  const pid = start(
    spawn(program, args, {
      argv0: `dlrpc: ${name}`,
      env: variablesOf(options),
      stdio: ["ignore", ...there, controlBlock.descriptor],
      detached: true,
    }),
    program,
    ended,
  );
  ours.move();
  return { pid, ...here };
}

/** On Windows: the pipes are libuv's, and the control block comes by its handle's number. */
function launchByHandles(options: LaunchOptions, controlBlock: Section, ended: (end: End) => void): Launched {
  const { program, maxResultBytes, startsOthers } = options;
  const args = [String(maxResultBytes), String(controlBlock.handle)];
  // Without a console there is no process for it, which would count in the worker's job, nor is it in libuv's own job. What
  // it starts is to have one that is not seen.
  const console = startsOthers ? { windowsHide: true } : { detached: true };
  const stdio: StdioOptions = ["ignore", "pipe", "pipe", "pipe", "pipe"];
  const child = controlBlock.inheritedBy(() => spawn(program, args, { env: variablesOf(options), stdio, ...console }));
  const pid = start(child, program, ended);
  const [, ...pipes] = child.stdio as unknown as [null, Duplex, Duplex, Duplex, Duplex];
  // Each is used in one direction. At its end Node would end the other as well, in a thread that nothing here waits for.
  for (const one of pipes) one.allowHalfOpen = true;
  const [stdout, stderr, requests, answers] = pipes;
  return { pid, requests, answers, stdout, stderr };
}

/** @throws Error why it was not started */
function start(child: ChildProcess, program: string, ended: (end: End) => void): number {
  child.on("error", () => {}); // that it is not started shows at once; that it cannot be signalled, by its end
  if (child.pid === undefined) throw whyNot(program);
  takeIn(child, child.pid, ended);
  return child.pid;
}

function variablesOf({ environment }: LaunchOptions): Record<string, string> {
  return Object.fromEntries(
    environment.map((one) => [one.slice(0, one.indexOf("=")), one.slice(one.indexOf("=") + 1)]),
  );
}

/** Node tells it later, when nobody waits for it any more, of few causes. @throws CallError such as EMFILE */
function whyNot(program: string): Error {
  try {
    accessSync(program, constants.X_OK);
  } catch (error) {
    return error as Error;
  }
  if (system === "windows")
    return new Error(`the system does not start ${program}: it may be out of memory or handles`);
  const { readingEnd, writingEnd } = pipe(); // a start needs two descriptors more, too
  for (const end of [readingEnd, writingEnd]) closeSync(end);
  return new CallError(`start of ${program}`, os.errno.EAGAIN); // what is left: the user has all processes that it may have
}

/** What helps where none starts: what the system says has to do. */
export function launchHint(): string | undefined {
  return undefined;
}
