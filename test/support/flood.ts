// Sends far more than a host that does not read should get rid of, and finds out when the program stops taking it.

import { setTimeout } from "node:timers/promises";
import type { RawHost } from "./raw-host.ts";

/** More than the pipe and the program take in one go. */
const BLOCK_BYTES = 128 * 1024;
const LOOK_MS = 25;
const QUIET_LOOKS = 40;

export interface Flood {
  /** How many requests were sent. */
  requests: number;
  /** Whether the program stopped reading before it had all. */
  stopped: boolean;
  /** Resolves when the program has read all that was sent. */
  taken: Promise<void>;
}

/** Sends a request again and again, until the program does not take it any more, or `total` bytes are sent. */
export async function flood(host: RawHost, request: Buffer, total: number): Promise<Flood> {
  const times = Math.ceil(BLOCK_BYTES / request.length);
  const block = Buffer.concat(Array(times).fill(request));
  for (let sent = 1; ; sent++) {
    const taken = host.send(block);
    const stopped = !(await isTaken(host, taken));
    if (stopped || sent * block.length >= total) return { requests: sent * times, stopped, taken };
  }
}

/** Whether the program reads on; it does not where it has nothing to do although there is something to read. */
async function isTaken(host: RawHost, taken: Promise<void>): Promise<boolean> {
  let isDone = false;
  const done = taken.then(() => {
    isDone = true;
  });
  for (let quiet = 0, before = -1; quiet < QUIET_LOOKS && !isDone; ) {
    await Promise.race([done, setTimeout(LOOK_MS)]);
    const now = host.processorMs;
    quiet = now === before ? quiet + 1 : 0;
    before = now;
  }
  return isDone;
}
