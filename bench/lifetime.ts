// Owns what happens to a program seldom: it starts, loads a plugin, loses one. Times in milliseconds, one a round.

import { execFileSync } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { bundleWorkerStart } from "./build.ts";
import { Client } from "./client.ts";
import type { Messages } from "./messages.ts";
import { echoLibrary } from "./paths.ts";
import type { Program } from "./programs.ts";
import { Session } from "./session.ts";

/** For what was begun before to be over. */
const settleMs = 500;
const ms = 1e-6; // of nanoseconds
const workersARound = 20;
const cyclesARound = 4;
const firstCalls = 100;

export interface Lifetimes {
  /** Program → from its start to the first answer of a plugin. */
  readonly start: Record<string, number[]>;
  /** Program → of the first 100 calls after that, the middle one. */
  readonly firstCalls: Record<string, number[]>;
  /** All of `node -e 0`. */
  readonly node: number[];
  /** dlrpc, in which version → the rest. */
  readonly own: Record<string, OwnTimes>;
  /** Of one worker: until it is ready, and how long starting it keeps the event loop waiting. */
  readonly worker: { readonly hello: number[]; readonly blocked: number[] };
}

interface Starting {
  readonly start: number;
  readonly firstCalls: number;
}

export interface OwnTimes {
  /** From the start of dlrpc to the answer of `initialize`. */
  readonly initialize: number[];
  /** A plugin/load that is not the first. */
  readonly load: number[];
  /** From sending a call that crashes to the answer of the call behind it, and of that from the first answer to it. */
  readonly crash: number[];
  readonly recovery: number[];
  /** Of loading, calling and unloading, one after the other. */
  readonly cycle: number[];
}

export async function measureLifetimes(
  programs: readonly Program[],
  rounds: number,
  messages: Messages,
  core?: number,
): Promise<Lifetimes> {
  const own = programs.filter(({ isDlrpc }) => isDlrpc);
  const times: Lifetimes = {
    start: Object.fromEntries(programs.map(({ name }) => [name, []])),
    firstCalls: Object.fromEntries(programs.map(({ name }) => [name, []])),
    node: [],
    own: Object.fromEntries(
      own.map(({ name }) => [name, { initialize: [], load: [], crash: [], recovery: [], cycle: [] }]),
    ),
    worker: { hello: [], blocked: [] },
  };
  const workerStart = await bundleWorkerStart();
  for (let round = 0; round < rounds; round++) {
    for (const program of programs) {
      const { start, firstCalls } = await firstAnswers(program, messages, core);
      times.start[program.name]?.push(start);
      times.firstCalls[program.name]?.push(firstCalls);
    }
    times.node.push(await emptyScript(core));
    for (const program of own) {
      const taken = times.own[program.name] as OwnTimes;
      taken.initialize.push(await initialized(program, messages, core));
      await loadAndCrash(program, taken, messages, core);
    }
    for (const [what, found] of Object.entries(startWorkers(workerStart)))
      times.worker[what as "hello" | "blocked"].push(...found.map((ns) => ns * ms));
  }
  return times;
}

function startWorkers(script: string): Record<string, number[]> {
  const args = [script, echoLibrary, String(workersARound)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" }));
}

async function firstAnswers(program: Program, messages: Messages, core?: number): Promise<Starting> {
  const session = await Session.start(program, messages, core);
  const call = session.call("string", 100);
  const { sinceStart } = await session.client.ask(call);
  const { p50 } = await session.client.latency(call, firstCalls, 1);
  await session.end();
  return { start: sinceStart * ms, firstCalls: p50 * ms };
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

async function loadAndCrash(program: Program, taken: OwnTimes, messages: Messages, core?: number): Promise<void> {
  const session = await Session.start(program, messages, core);
  await setTimeout(settleMs);
  taken.load.push((await session.load()) * ms);
  await setTimeout(settleMs);
  const crash = await session.client.ask(session.crash(), session.call("string", 100));
  if (!crash.answer.includes('"success":true')) throw new Error(`after a crash: ${crash.answer}`);
  taken.crash.push(crash.ns * ms);
  taken.recovery.push(crash.sinceFirst * ms);
  await session.replace(); // one that may have been prepared
  for (let i = 0; i < cyclesARound; i++) taken.cycle.push((await session.replace()) * ms);
  await session.end();
}
