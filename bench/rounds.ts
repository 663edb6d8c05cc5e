// Owns the interleaved runs: every program gives one sample of every case, then all again, so that what else the
// machine does meets all of them alike.

import type { Messages } from "./messages.ts";
import type { Shape, Size } from "./payloads.ts";
import { sizes } from "./payloads.ts";
import type { Program } from "./programs.ts";
import { Session } from "./session.ts";

export interface Case {
  /** As results.json names it: `latency/100 B`. */
  readonly name: string;
  readonly shape: Shape;
  readonly size: Size;
  /** Calls in flight; 1: the time of each is measured. */
  readonly window: number;
}

/** Nanoseconds where one call is in flight, calls a second where more are. */
export type Sample = { p50: number; p90: number; p99: number } | { rate: number };

/** Case → program → its samples, one a round. */
export type Samples = Record<string, Record<string, Sample[]>>;

export interface Plan {
  readonly cases: readonly Case[];
  readonly rounds: number;
  /** How long one sample takes, four times that for the largest. */
  readonly seconds: number;
  readonly core?: number | undefined;
}

const mostCalls = 20_000;

/** @param say is told what is being done */
export async function run(
  programs: readonly Program[],
  plan: Plan,
  messages: Messages,
  say: (what: string) => void,
): Promise<Samples> {
  const sessions = new Map<string, Session>();
  const samples: Samples = Object.fromEntries(
    plan.cases.map((one) => [one.name, Object.fromEntries(programs.map((program) => [program.name, []]))]),
  );
  for (const program of programs) sessions.set(program.name, await Session.start(program, messages, plan.core));
  for (const one of plan.cases) {
    say(one.name);
    for (const session of sessions.values()) await take(session, one, plan.seconds); // warm
    for (let round = 0; round < plan.rounds; round++) {
      for (const [name, session] of sessions) samples[one.name]?.[name]?.push(await take(session, one, plan.seconds));
    }
  }
  for (const session of sessions.values()) await session.client.end();
  return samples;
}

async function take(session: Session, { shape, size, window }: Case, seconds: number): Promise<Sample> {
  const time = sizes[size] > 1 << 20 ? 4 * seconds : seconds;
  if (window === 1) return await session.latency(shape, size, mostCalls, time);
  return { rate: await session.flow(shape, size, window, 1_000_000, time) };
}
