// Owns all that a run of the benchmark finds out, and how two programs compare in it.

import type { Beside } from "./beside.ts";
import type { Handles } from "./handles.ts";
import type { Lifetimes } from "./lifetime.ts";
import type { McpTimes } from "./mcp.ts";
import type { Idle, Memory } from "./memory.ts";
import type { Case, Sample, Samples } from "./rounds.ts";
import { median } from "./statistics.ts";
import type { Streams } from "./streams.ts";

/** What was not measured is missing. */
export interface Measured {
  samples: Samples;
  lifetimes?: Lifetimes;
  /** Program → times. */
  mcp?: Record<string, McpTimes>;
  memory?: Memory;
  idle?: Idle;
  handles?: Handles;
  streams?: Streams;
  beside?: Beside;
  /** What --quick compares: ratios to the floor, and to Node. */
  quick?: Record<string, number>;
}

export type Key = "p50" | "p90" | "p99" | "rate" | "cpu";

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

/** The same as if there had been one round, in which each figure was the best of all: other work only makes it worse. */
export function quietest(measured: Measured): Measured {
  const { samples, lifetimes, mcp } = measured;
  const best = (taken: readonly Sample[]): Sample =>
    Object.fromEntries(
      Object.keys(taken[0] ?? {}).map((key) => {
        const figures = taken.map((sample) => sample[key] ?? Number.NaN);
        return [key, key === "rate" ? Math.max(...figures) : Math.min(...figures)];
      }),
    );
  const all = <T, U>(record: Record<string, T>, change: (value: T) => U): Record<string, U> =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
  const least = (times: readonly number[]) => [Math.min(...times)];
  return {
    ...measured,
    samples: all(samples, (byProgram) => all(byProgram, (taken) => [best(taken)])),
    ...(mcp && {
      mcp: all(mcp, ({ start, firstCalls, startToList, list }) => ({
        start: least(start),
        firstCalls: least(firstCalls),
        startToList: least(startToList),
        list: least(list),
      })),
    }),
    ...(lifetimes && {
      lifetimes: {
        start: all(lifetimes.start, least),
        firstCalls: all(lifetimes.firstCalls, least),
        node: least(lifetimes.node),
        own: all(lifetimes.own, ({ initialize, load, crash, recovery, cycle }) => ({
          initialize: least(initialize),
          load: least(load),
          crash: least(crash),
          recovery: least(recovery),
          cycle: least(cycle),
        })),
        worker: { hello: least(lifetimes.worker.hello), blocked: least(lifetimes.worker.blocked) },
      },
    }),
  };
}
