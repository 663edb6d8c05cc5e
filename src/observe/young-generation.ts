// Owns how much memory V8 takes for what lives shortly. Left alone it takes twice as much again and again while calls are in
// flight, up to 64 MiB, and is no faster for that.

import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** Both halves of it. With less, what waits in very long queues would be taken for what lives long. */
const ENOUGH_BYTES = 16 * 1024 * 1024;
/** It is looked at after so many calls: before that nobody needs it bound, and Node's module takes a while to load. */
const CALLS = 4000;

let calls = 0;
let isBound = false;

/** To be called for each call: once there is enough, no more is taken. */
export function boundYoungGeneration(): void {
  if (isBound || ++calls % CALLS !== 0) return;
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
  isBound = young !== undefined && young.space_size >= ENOUGH_BYTES;
  if (isBound) setFlagsFromString("--semi-space-growth-factor=1");
}
