// Owns the start of the program: which part of it runs, and the end of the process with its status.

import { isMainThread } from "node:worker_threads";

/** Each part loads no more than it needs: a worker must start fast. */
async function main(): Promise<number> {
  const [verb = "", ...args] = process.argv.slice(2);
  if (verb === "worker") {
    const { runWorkerProcess } = await import("./worker/process.ts");
    runWorkerProcess(Number(args[0]), Number(args[1]), args[2]);
    process.exit(0); // runs what the plugin has to do at its end
  }
  if (verb === "confined-worker") {
    const { becomeConfinedWorker } = await import("./worker/birth.ts");
    const [brokerPid = "", maxResultBytes = "", birth = ""] = args;
    becomeConfinedWorker(brokerPid, maxResultBytes, birth);
  }
  const { run } = await import("./cli/run.ts");
  return run([verb, ...args]);
}

/** Without the thread the call that it ran would never be answered, so the process ends with it. */
async function runThread(): Promise<void> {
  const { runCallThread } = await import("./worker/thread.ts");
  if (!runCallThread()) await exit(1);
}

/** Ends the process at once: a plugin that runs inline and does not return would hold up anything else (E10). */
async function exit(status: number): Promise<never> {
  const { exitNow } = await import("./native/processes.ts");
  return exitNow(status);
}

if (isMainThread) void main().then(exit);
else void runThread();
