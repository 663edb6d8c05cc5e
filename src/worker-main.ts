// Owns the start of a worker, as a process or as a thread, and its end: loads nothing that only the broker needs.

import { isMainThread } from "node:worker_threads";
import { exitNow } from "./native/processes.ts";

async function runProcess(): Promise<never> {
  const [verb, brokerPid = "", maxResultBytes = "", birth = ""] = process.argv.slice(2);
  if (verb === "confined-worker") {
    const { becomeConfinedWorker } = await import("./worker/birth.ts");
    becomeConfinedWorker(brokerPid, maxResultBytes, birth);
  }
  const { runWorkerProcess } = await import("./worker/process.ts");
  runWorkerProcess(Number(brokerPid), Number(maxResultBytes), birth === "" ? undefined : birth);
  process.exit(0); // runs what the plugin has to do at its end
}

/** Without the thread the call that it ran would never be answered, so the process ends with it. */
async function runThread(): Promise<void> {
  const { runCallThread } = await import("./worker/thread.ts");
  if (!runCallThread()) exitNow(1);
}

void (isMainThread ? runProcess() : runThread());
