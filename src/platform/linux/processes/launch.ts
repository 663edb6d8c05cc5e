// Owns starting a worker: what it finds open (frames.ts), and the pipes between it and this process.

import { openSync } from "node:fs";
import { devNull } from "node:os";
import { Descriptor } from "../../../../native/frames/frames.ts";
import { Disposables } from "../../../base/disposables.ts";
import { type Launched, type LaunchOptions, workerPipes } from "../../both-halves/processes/launched.ts";
import type { End } from "../../end.ts";
import { pathOf } from "../files/nameless-file.ts";
import { makeNonBlocking } from "../kernel/descriptors.ts";
import { pipe } from "../kernel/io.ts";
import { hasOwnProc, NO_PROC } from "../kernel/own-proc.ts";
import { startWorker } from "./children.ts";

/** How much of its name a process shows (prctl(2), PR_SET_NAME). */
const SHOWN_NAME_BYTES = 15;

/** What a worker has as its stdin. */
let empty: number | undefined;

/**
 * Starts a worker, which ends with this process from then on.
 * @param ended is called once, later
 * @throws Error why it cannot be started
 */
export function launch(options: LaunchOptions, ended: (end: End) => void): Launched {
  const { program, name, environment, controlBlock, maxResultBytes, ruleset, library } = options;
  using ours = new Disposables();
  using theirs = new Disposables();
  const { here, there } = workerPipes(pipe, ours, theirs);
  for (const end of Object.values(here)) makeNonBlocking(end);
  empty ??= openSync(devNull, "r");
  const pid = startWorker(
    {
      path: pathOf(Descriptor.program),
      args: [`dlrpc: ${name}`, name.slice(0, SHOWN_NAME_BYTES), String(process.pid), String(maxResultBytes)],
      environment,
      // As in frames.ts.
      descriptors: [...[empty, ...there, controlBlock.descriptor], ...[ruleset, library, program]],
    },
    ended,
  );
  ours.move();
  return { pid, ...here };
}

/** What helps where none starts, as far as that is known. */
export function launchHint(): string | undefined {
  return hasOwnProc() ? undefined : `${NO_PROC}: mount one where dlrpc runs.`;
}
