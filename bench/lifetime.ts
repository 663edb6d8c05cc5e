// Owns what happens to a program seldom: it starts, loads a plugin, loses one. Times in milliseconds, one a round.

import { setTimeout } from "node:timers/promises";
import { Client } from "./client.ts";
import type { Messages } from "./messages.ts";
import type { Program } from "./programs.ts";
import { Session } from "./session.ts";

/** For dlrpc to have its spare process ready again. */
const settleMs = 500;
const ms = 1e-6; // of nanoseconds

export interface Lifetimes {
  /** Program → from its start to the first answer of a plugin. */
  readonly start: Record<string, number[]>;
  /** From the start of dlrpc to the answer of `initialize`, and all of `node -e 0`. */
  readonly initialize: number[];
  readonly node: number[];
  /** A plugin/load that finds the spare ready. */
  readonly load: number[];
  /** From sending a call that crashes to the answer of the call behind it. */
  readonly crash: number[];
}

export async function measureLifetimes(
  programs: readonly Program[],
  dlrpc: Program,
  rounds: number,
  messages: Messages,
  core?: number,
): Promise<Lifetimes> {
  const start: Record<string, number[]> = Object.fromEntries(programs.map(({ name }) => [name, []]));
  const times: Lifetimes = { start, initialize: [], node: [], load: [], crash: [] };
  for (let round = 0; round < rounds; round++) {
    for (const program of programs) start[program.name]?.push(await firstAnswer(program, messages, core));
    times.initialize.push(await initialized(dlrpc, messages, core));
    times.node.push(await emptyScript(core));
    const seldom = await loadAndCrash(dlrpc, messages, core);
    times.load.push(seldom.load);
    times.crash.push(seldom.crash);
  }
  return times;
}

async function firstAnswer(program: Program, messages: Messages, core?: number): Promise<number> {
  const session = await Session.start(program, messages, core);
  const { sinceStart } = await session.client.ask(session.call("string", 100));
  await session.end();
  return sinceStart * ms;
}

async function initialized({ framing, command }: Program, messages: Messages, core?: number): Promise<number> {
  const client = new Client({ framing, command, core });
  const { sinceStart } = await client.ask(messages.message("initialize", { protocolVersion: 1 }));
  await client.end();
  return sinceStart * ms;
}

async function emptyScript(core?: number): Promise<number> {
  return (await new Client({ framing: "lines", command: [process.execPath, "-e", "0"], core }).end()) * ms;
}

async function loadAndCrash(
  dlrpc: Program,
  messages: Messages,
  core?: number,
): Promise<{ load: number; crash: number }> {
  const session = await Session.start(dlrpc, messages, core);
  await setTimeout(settleMs);
  const load = await session.load();
  await setTimeout(settleMs);
  const crash = await session.client.ask(session.crash(), session.call("string", 100));
  if (!crash.answer.includes('"success":true')) throw new Error(`after a crash: ${crash.answer}`);
  await session.end();
  return { load: load * ms, crash: crash.ns * ms };
}
