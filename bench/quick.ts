// Owns the quick form: a minute, for CI, that fails where something has become grossly slower than it was recorded.

import { pinnedCase, pinnedDeepCase, pinnedFlowCase } from "./cases.ts";
import { measureLifetimes } from "./lifetime.ts";
import { ratios } from "./measured.ts";
import type { Messages } from "./messages.ts";
import type { Program } from "./programs.ts";
import { type Case, run } from "./rounds.ts";

/** How much worse than recorded is gross. */
const gross = 2;
const rounds = 7;
const seconds = 0.15;

const onOneCore: readonly Case[] = [
  ...(["100 B", "64 KiB", "1 MiB"] as const).map(pinnedCase),
  pinnedFlowCase,
  pinnedDeepCase,
];
/** Of these the processor time is compared, too. */
const costCases = [pinnedCase("100 B"), pinnedFlowCase, pinnedDeepCase];

/** The programs that take part. */
export const quickPrograms = ["dlrpc", "floor"];

/** How many times the floor's time dlrpc takes, the processor's too, the best round of several: other work can only make it worse. */
export async function measureQuick(
  programs: readonly Program[],
  core: number,
  messages: Messages,
  say: (what: string) => void,
): Promise<Record<string, number>> {
  const taking = programs.filter(({ name }) => quickPrograms.includes(name));
  const samples = await run(taking, { cases: onOneCore, rounds, seconds, core }, messages, say);
  const found: Record<string, number> = {};
  for (const [name, byProgram] of Object.entries(samples)) {
    const times = ratios(byProgram, "p50", "dlrpc", ["floor"]);
    const rates = ratios(byProgram, "rate", "floor", ["dlrpc"]);
    found[name] = Math.min(...[...times, ...rates].filter((ratio) => !Number.isNaN(ratio)));
  }
  for (const { name } of costCases)
    found[`processor time, ${name}`] = Math.min(...ratios(samples[name] ?? {}, "cpu", "dlrpc", ["floor"]));
  const lifetimes = await measureLifetimes(taking, 5, messages, core);
  const by = (times: readonly number[]) => Math.min(...times) / Math.min(...lifetimes.node);
  const { initialize = [], load = [], crash = [], cycle = [] } = lifetimes.own.dlrpc ?? {};
  const worker = lifetimes.worker.hello;
  for (const [name, times] of Object.entries({ initialize, load, crash, cycle, worker })) found[name] = by(times);
  const { dlrpc: cold = [], floor: coldFloor = [] } = lifetimes.firstCalls;
  found["first 100 calls"] = Math.min(...cold) / Math.min(...coldFloor);
  return found;
}

/** @returns a line for each measure, and whether any is grossly worse than recorded */
export function compareQuick(
  found: Record<string, number>,
  recorded: Record<string, number>,
): { lines: string[]; worse: boolean } {
  const rows = Object.entries(found).map(([name, ratio]) => {
    const before = recorded[name];
    const worse = before === undefined || !(ratio <= gross * before);
    const told = before === undefined ? "not recorded: run the whole benchmark" : `recorded ${before.toFixed(2)}`;
    return { worse, line: `${worse ? "✗" : "✓"} ${name}: ${ratio.toFixed(2)} (${told})` };
  });
  return { lines: rows.map(({ line }) => line), worse: rows.some(({ worse }) => worse) };
}
