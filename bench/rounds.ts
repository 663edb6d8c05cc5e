// Owns the interleaved runs: every program gives one sample of a case, then all again, so that what else the machine
// does meets all of them alike.

import type { Messages } from "./messages.ts";
import { type Shape, type Size, sizes } from "./payloads.ts";
import { processorTime, treeOf } from "./proc.ts";
import type { Program } from "./programs.ts";
import { Session } from "./session.ts";

export interface Case {
  /** As results.json names it. */
  readonly name: string;
  readonly shape: Shape;
  readonly size: Size;
  /** Calls in flight; 1: the time of each is measured. */
  readonly window: number;
}

/** Times of one call in nanoseconds, processor time of all of the program's processes included (`cpu`), and calls a second. */
export type Sample = Readonly<Record<string, number>>;

/** Case → program → its samples, one a round. */
export type Samples = Record<string, Record<string, Sample[]>>;

export interface Plan {
  readonly cases: readonly Case[];
  readonly rounds: number;
  /** How long one sample takes, about. */
  readonly seconds: number;
  /** The core on which everything runs; default: the system decides. */
  readonly core?: number | undefined;
}

/** More would only make a sample longer. */
const mostCalls = 20_000;
const warmSeconds = 0.5;

/**
 * @param say is told what is being done
 * A program that fails in a case has no samples of it, and is started again for the next.
 */
export async function run(
  programs: readonly Program[],
  { cases, rounds, seconds, core }: Plan,
  messages: Messages,
  say: (what: string) => void,
): Promise<Samples> {
  const sessions = new Map<Program, Session>();
  for (const program of programs) sessions.set(program, await Session.start(program, messages, core));
  const samples: Samples = {};
  for (const one of cases) {
    say(one.name);
    const taking = new Map(sessions);
    const ofCase: Record<string, Sample[]> = {};
    for (let round = -1; round < rounds; round++) {
      for (const [program, session] of taking) {
        try {
          if (round < 0) await sample(session, { ...one, window: 1 }, warmSeconds);
          else ofCase[program.name] = [...(ofCase[program.name] ?? []), await sample(session, one, seconds)];
        } catch (error) {
          say(`  without ${program.name}: ${error instanceof Error ? error.message : error}`);
          taking.delete(program);
          delete ofCase[program.name];
          sessions.set(program, await Session.start(program, messages, core));
        }
      }
    }
    samples[one.name] = ofCase;
  }
  for (const session of sessions.values()) await session.end();
  return samples;
}

async function sample(session: Session, { shape, size, window }: Case, seconds: number): Promise<Sample> {
  const { client } = session;
  const file = session.call(shape, sizes[size]);
  const processes = treeOf(await client.pid());
  const before = processorTime(...processes);
  if (window === 1) {
    const taken = await client.latency(file, mostCalls, seconds);
    return { ...taken, cpu: (processorTime(...processes) - before) / taken.calls };
  }
  const { calls, ns, p50, p99 } = await client.flow(file, window, seconds);
  return { rate: (calls / ns) * 1e9, p50, p99, cpu: (processorTime(...processes) - before) / calls };
}
