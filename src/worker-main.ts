// Owns the start of a worker, as a process or as a thread, and its end: loads nothing that only the broker needs.

import { exitNow } from "./native/processes.ts";
import { isThread } from "./self.ts";
import { runWorkerProcess } from "./worker/process.ts";
import { runCallThread } from "./worker/thread.ts";

function runProcess(): never {
  const [brokerPid, maxResultBytes, born] = process.argv.slice(3);
  runWorkerProcess(Number(brokerPid), Number(maxResultBytes), born);
  process.exit(0); // runs what the plugin has to do at its end
}

/** Without the thread the call that it ran would never be answered, so the process ends with it. */
function runThread(): void {
  if (!runCallThread()) exitNow(1);
}

if (isThread) runThread();
else runProcess();
