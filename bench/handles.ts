// Owns what thousands of handles, one after another, leave behind in the broker.

import { readdirSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type { Messages } from "./messages.ts";
import { statusBytes } from "./proc.ts";
import type { Program } from "./programs.ts";
import { Session } from "./session.ts";

export interface Handles {
  readonly count: number;
  /** Of loading, calling and unloading one, in milliseconds. */
  readonly each: number;
  /** Of the broker, after a tenth of them and after all: bytes and descriptors. */
  readonly resident: readonly [number, number];
  readonly descriptors: readonly [number, number];
}

const settleMs = 1000;

export async function measureHandles(dlrpc: Program, count: number, messages: Messages): Promise<Handles> {
  const session = await Session.start(dlrpc, messages);
  const broker = await session.client.pid();
  const look = async () => {
    await setTimeout(settleMs); // the last process is ending
    return { resident: statusBytes(broker, "VmRSS"), descriptors: readdirSync(`/proc/${broker}/fd`).length };
  };
  const begun = performance.now();
  const take = async (rounds: number) => {
    for (let i = 0; i < rounds; i++) await session.replace();
  };
  await take(count / 10);
  const early = await look();
  await take(count - count / 10);
  const each = (performance.now() - begun - settleMs) / count;
  const late = await look();
  await session.end();
  return {
    count,
    each,
    resident: [early.resident, late.resident],
    descriptors: [early.descriptors, late.descriptors],
  };
}
