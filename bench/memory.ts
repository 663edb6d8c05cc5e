// Owns how much memory dlrpc takes, and whether it does anything while nobody asks. Bytes.

import { setTimeout } from "node:timers/promises";
import type { Messages } from "./messages.ts";
import { sizes } from "./payloads.ts";
import { activityOf, childrenOf, privateBytes, statusBytes, treeOf } from "./proc.ts";
import type { Program } from "./programs.ts";
import { Session } from "./session.ts";

const settleMs = 1000;
const idleSeconds = 5;

export interface Footprint {
  readonly private: number;
  readonly resident: number;
}

export interface Memory {
  /** With one plugin loaded and called. */
  readonly broker: Footprint;
  readonly worker: Footprint;
  readonly spare: Footprint;
  /** One second after a call of 16 MiB. */
  readonly brokerAfter: Footprint;
  readonly workerAfter: Footprint;
  /** How much more than before the broker had at its highest for one call, per byte of that call: 16 and 60 MiB. */
  readonly peakPerByte: Record<string, number>;
  /** The highest that the broker had with 64 calls of 1 MiB in flight. */
  readonly peakOf64: number;
}

export interface Idle {
  readonly seconds: number;
  /** How often any thread of any process ran. */
  readonly switches: number;
  /** In hundredths of a second. */
  readonly ticks: number;
}

export async function measureMemory(dlrpc: Program, messages: Messages): Promise<Memory> {
  const session = await Session.start(dlrpc, messages);
  const { client } = session;
  await client.latency(session.call("string", 100), 1000, 1);
  await setTimeout(settleMs);
  const { broker, worker, spare } = await processesOf(session);
  const before = { broker: footprint(broker), worker: footprint(worker), spare: footprint(spare) };
  await client.ask(session.call("string", sizes["16 MiB"]));
  await setTimeout(settleMs);
  const after = { brokerAfter: footprint(broker), workerAfter: footprint(worker) };
  await client.end();
  return {
    ...before,
    ...after,
    peakPerByte: {
      "16 MiB": await peakPerByte(dlrpc, messages, sizes["16 MiB"]),
      "60 MiB": await peakPerByte(dlrpc, messages, 60 << 20),
    },
    peakOf64: await peakOf64(dlrpc, messages),
  };
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

async function processesOf(session: Session): Promise<{ broker: number; worker: number; spare: number }> {
  const broker = await session.client.pid();
  const worker = await session.workerPid();
  const [spare, ...others] = childrenOf(broker).filter((pid) => pid !== worker);
  if (spare === undefined || others.length > 0) throw new Error(`one spare is expected, found ${[spare, ...others]}`);
  return { broker, worker, spare };
}

function footprint(pid: number): Footprint {
  return { private: privateBytes(pid), resident: statusBytes(pid, "VmRSS") };
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
