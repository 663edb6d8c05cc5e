// Owns how much more plugins do that are called at once than one alone: each is a process of its own.

import { availableParallelism } from "node:os";
import { buildBusy } from "./build.ts";
import type { Messages } from "./messages.ts";
import { busyDirectory } from "./paths.ts";
import type { Program } from "./programs.ts";
import { Session } from "./session.ts";

/** Calls a second, one figure a round. */
export interface Beside {
  readonly cores: number;
  readonly one: readonly number[];
  readonly sixteen: readonly number[];
}

const PLUGINS = 16;
/** The client wants messages of one length: the first handles' numbers have one digit. */
const NAMED_SHORT = 9;
const IN_FLIGHT = 64;
const SECONDS = 0.5;

/** Each call takes 100 µs of a processor. */
export async function measureBeside(dlrpc: Program, rounds: number, messages: Messages): Promise<Beside> {
  await buildBusy();
  const load = { path: busyDirectory };
  const session = await Session.start(dlrpc, messages, undefined, load);
  const all = [session.call("string", 100)];
  while (all.length < NAMED_SHORT + PLUGINS) {
    await session.load(load);
    all.push(session.call("string", 100));
  }
  const files = all.slice(NAMED_SHORT);
  const rate = async (called: readonly string[]) => {
    const { calls, ns } = await session.client.flow(called, IN_FLIGHT, SECONDS);
    return (calls / ns) * 1e9;
  };
  const found = { cores: availableParallelism(), one: [] as number[], sixteen: [] as number[] };
  await rate(files); // to warm up
  for (let round = 0; round < rounds; round++) {
    found.one.push(await rate(files.slice(0, 1)));
    found.sixteen.push(await rate(files));
  }
  await session.end();
  return found;
}
