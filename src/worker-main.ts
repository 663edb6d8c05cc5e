// Owns the start of a worker, as a process or as a thread, and its end: loads nothing that only the broker needs.

import { isMainThread } from "node:worker_threads";
import { exitNow } from "./native/processes.ts";
import { runWorkerProcess } from "./worker/process.ts";
import { runCallThread } from "./worker/thread.ts";

if (isMainThread) {
  const [, brokerPid, maxResultBytes] = process.argv.slice(2);
  runWorkerProcess(Number(brokerPid), Number(maxResultBytes));
  process.exit(0); // runs what the plugin has to do at its end
}
// Without the thread the call that it ran would never be answered, so the process ends with it.
if (!runCallThread()) exitNow(1);
