// Owns what binds a worker to the broker that started it.

import { dieWithParent, exitNow } from "../native/processes.ts";

/** @param brokerPid the process that started this one: without it, this one must not live */
export function dieWithBroker(brokerPid: number): void {
  dieWithParent();
  if (process.ppid !== brokerPid) exitNow(0); // it ended before the kernel knew that it should tell
}
