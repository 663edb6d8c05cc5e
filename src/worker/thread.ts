// Owns a thread that serves calls: a further one of a worker process, or one of the broker for an inline plugin.

import { workerData } from "node:worker_threads";
import { type CallThread, serveCalls } from "./call-loop.ts";
import { Channel } from "./channel.ts";

export function runCallThread(): void {
  const thread = workerData as CallThread;
  serveCalls(new Channel(thread.channel), thread);
}
