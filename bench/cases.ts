// Owns which cases there are.

import { type Shape, type Size, sizes } from "./payloads.ts";
import type { Case } from "./rounds.ts";

/** Calls in flight; of the largest fewer, or a round would take a minute. */
function windowOf(size: Size): number {
  return size === "16 MiB" ? 8 : 64;
}

/** One call at a time. */
export function latencyCase(shape: Shape, size: Size): Case {
  return { name: `${shape}, ${size}`, shape, size, window: 1 };
}

/** As above, with everything on one core. */
export function pinnedCase(size: Size): Case {
  return { ...latencyCase("string", size), name: `one core, ${size}` };
}

export function flowCase(size: Size): Case {
  const window = windowOf(size);
  return { name: `${window} in flight, ${size}`, shape: "string", size, window };
}

const allSizes = Object.keys(sizes) as Size[];
const largeSizes: Size[] = ["1 MiB", "16 MiB"];

export const latencyCases: readonly Case[] = [
  ...allSizes.map((size) => latencyCase("string", size)),
  ...largeSizes.flatMap((size) => [latencyCase("source", size), latencyCase("tree", size)]),
];
/** As many as a host with very many has. */
export const deepCase: Case = { ...flowCase("100 B"), name: "1,024 in flight, 100 B", window: 1024 };
export const flowCases: readonly Case[] = [...allSizes.map(flowCase), deepCase];
export const pinnedFlowCase: Case = { ...flowCase("100 B"), name: "one core, 64 in flight" };
export const pinnedDeepCase: Case = { ...deepCase, name: "one core, 1,024 in flight" };
export const pinnedFlowCases: readonly Case[] = [pinnedFlowCase, pinnedDeepCase];
export const pinnedCases: readonly Case[] = (["100 B", "4 KiB"] as const).map(pinnedCase);
