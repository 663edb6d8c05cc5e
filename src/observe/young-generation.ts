// Owns how much memory V8 takes for what lives shortly. Left alone it takes twice as much again and again while calls are in
// flight, up to 64 MiB, and is no faster for that.

import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

const MIB = 1024 * 1024;
/** Above so many, calls that wait would be taken for what lives long where there is little. */
const FEW_CALLS = 256;
/** It is looked at after so many calls: before that nobody needs it bound, and Node's module takes a while to load. */
const CALLS = 4000;

let calls = 0;

/** To be called for each call: once there is enough, no more is taken. @param waiting how many calls wait, for any plugin */
export function boundYoungGeneration(waiting: number): void {
  if (++calls % CALLS !== 0) return;
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space")?.space_size ?? 0;
  const isEnough = young >= (waiting > FEW_CALLS ? 8 : 2) * MIB;
  setFlagsFromString(`--semi-space-growth-factor=${isEnough ? 1 : 2}`);
}
