// Owns how much memory dlrpc takes, and whether it does anything while nobody asks. Bytes.

import { setTimeout } from "node:timers/promises";
import type { Messages } from "./messages.ts";
import { threadsDirectory } from "./paths.ts";
import { sizes } from "./payloads.ts";
import { activityOf, anonymousBytes, statusBytes, treeOf } from "./proc.ts";
import type { Program } from "./programs.ts";
import { Session } from "./session.ts";

const settleMs = 1000;
const idleSeconds = 5;

const plugins = 200;
const threads = 16;

export interface Footprint {
  readonly anonymous: number;
  readonly resident: number;
}

export interface Memory {
  /** With one plugin loaded and called. */
  readonly broker: Footprint;
  readonly worker: Footprint;
  /** Of a plugin that is thread-safe, with 16 threads. */
  readonly workerOf16: Footprint;
  /** One second after a call of 16 MiB. */
  readonly brokerAfter: Footprint;
  readonly workerAfter: Footprint;
  /** How much more than before the broker had at its highest for one call, per byte of that call: 16 and 60 MiB. */
  readonly peakPerByte: Record<string, number>;
  /** The highest that the broker had with 64 calls of 1 MiB in flight. */
  readonly peakOf64: number;
  /** dlrpc, in which version → the anonymous memory of all processes: with 200 plugins, and while 64 and 1,024 calls are in flight. */
  readonly all: Record<string, { readonly plugins: number; readonly inFlight: number; readonly deep: number }>;
}

export interface Idle {
  readonly seconds: number;
  /** How often any thread of any process ran. */
  readonly switches: number;
  /** In hundredths of a second. */
  readonly ticks: number;
}

/** @param programs dlrpc, in several versions perhaps */
export async function measureMemory(dlrpc: Program, programs: readonly Program[], messages: Messages): Promise<Memory> {
  const session = await Session.start(dlrpc, messages);
  const { client } = session;
  await client.latency(session.call("string", 100), 1000, 1);
  await setTimeout(settleMs);
  const [broker, worker] = [await client.pid(), await session.workerPid()];
  const before = { broker: footprint(broker), worker: footprint(worker) };
  await client.ask(session.call("string", sizes["16 MiB"]));
  await setTimeout(settleMs);
  const after = { brokerAfter: footprint(broker), workerAfter: footprint(worker) };
  await client.end();
  const all: Memory["all"] = {};
  for (const program of programs) {
    all[program.name] = {
      plugins: await memoryOfPlugins(program, messages),
      inFlight: await memoryInFlight(program, messages, 64),
      deep: await memoryInFlight(program, messages, 1024),
    };
  }
  return {
    ...before,
    ...after,
    workerOf16: await footprintOfThreads(dlrpc, messages),
    peakPerByte: {
      "16 MiB": await peakPerByte(dlrpc, messages, sizes["16 MiB"]),
      "60 MiB": await peakPerByte(dlrpc, messages, 60 << 20),
    },
    peakOf64: await peakOf64(dlrpc, messages),
    all,
  };
}

async function footprintOfThreads(dlrpc: Program, messages: Messages): Promise<Footprint> {
  const command = [...dlrpc.command, "--concurrency", String(threads)];
  const session = await Session.start({ ...dlrpc, command }, messages, undefined, { path: threadsDirectory });
  await session.client.flow(session.call("string", 100), threads, 1);
  await setTimeout(settleMs);
  const found = footprint(await session.workerPid());
  await session.end();
  return found;
}

async function memoryOfPlugins(program: Program, messages: Messages): Promise<number> {
  const session = await Session.start(program, messages);
  for (let loaded = 1; loaded < plugins; loaded++) await session.load();
  await setTimeout(settleMs);
  const found = anonymousBytes(...treeOf(await session.client.pid()));
  await session.end();
  return found;
}

/** After two seconds of it: by then all has been compiled that will be. */
async function memoryInFlight(program: Program, messages: Messages, calls: number): Promise<number> {
  const session = await Session.start(program, messages);
  const broker = await session.client.pid();
  const flow = session.client.flow(session.call("string", 100), calls, 3);
  await setTimeout(2 * settleMs);
  const found = anonymousBytes(...treeOf(broker));
  await flow;
  await session.end();
  return found;
}

export async function measureIdle(dlrpc: Program, messages: Messages): Promise<Idle> {
  const session = await Session.start(dlrpc, messages);
  await session.client.ask(session.call("string", 100));
  await setTimeout(2 * settleMs);
  const tree = treeOf(await session.client.pid());
  const look = () => tree.map(activityOf);
  const before = look();
  await setTimeout(idleSeconds * 1000);
  const after = look();
  await session.end();
  const grown = (key: "switches" | "ticks") => after.reduce((sum, a, i) => sum + a[key] - (before[i]?.[key] ?? 0), 0);
  return { seconds: idleSeconds, switches: grown("switches"), ticks: grown("ticks") };
}

function footprint(pid: number): Footprint {
  return { anonymous: anonymousBytes(pid), resident: statusBytes(pid, "VmRSS") };
}

async function peakPerByte(dlrpc: Program, messages: Messages, bytes: number): Promise<number> {
  const session = await Session.start(dlrpc, messages);
  const broker = await session.client.pid();
  await session.client.ask(session.call("string", 100));
  await setTimeout(settleMs);
  const before = statusBytes(broker, "VmRSS");
  await session.client.ask(session.call("string", bytes));
  const peak = statusBytes(broker, "VmHWM");
  await session.end();
  return (peak - before) / bytes;
}

async function peakOf64(dlrpc: Program, messages: Messages): Promise<number> {
  const session = await Session.start(dlrpc, messages);
  await session.client.flow(session.call("string", sizes["1 MiB"]), 64, 1);
  const peak = statusBytes(await session.client.pid(), "VmHWM");
  await session.end();
  return peak;
}
