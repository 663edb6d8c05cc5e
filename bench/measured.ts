// Owns all that a run of the benchmark finds out, and how two programs compare in it.

import type { Handles } from "./handles.ts";
import type { Lifetimes } from "./lifetime.ts";
import type { Idle, Memory } from "./memory.ts";
import type { Case, Sample, Samples } from "./rounds.ts";
import { median } from "./statistics.ts";

/** What was not measured is missing. */
export interface Measured {
  samples: Samples;
  lifetimes?: Lifetimes;
  memory?: Memory;
  idle?: Idle;
  handles?: Handles;
  /** What --quick compares: ratios to the floor, and to Node. */
  quick?: Record<string, number>;
}

export type Key = "p50" | "p90" | "p99" | "rate";

/** The median over the rounds; not a number where it was not measured. */
export function figure({ samples }: Measured, { name }: Case, program: string, key: Key): number {
  return median((samples[name]?.[program] ?? []).map((sample) => sample[key] ?? Number.NaN));
}

/** One program's figure by the other's, round by round; of several others the one with the lowest figure. */
export function ratio(measured: Measured, { name }: Case, key: Key, program: string, ...others: string[]): number {
  return median(ratios(measured.samples[name] ?? {}, key, program, others));
}

export function ratios(samples: Record<string, Sample[]>, key: Key, program: string, others: string[]): number[] {
  const of = (name: string, round: number) => samples[name]?.[round]?.[key] ?? Number.NaN;
  return (samples[program] ?? []).map((_, i) => of(program, i) / Math.min(...others.map((other) => of(other, i))));
}
