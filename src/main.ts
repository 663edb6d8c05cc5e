// Owns the start of the program: each part loads no more than it needs, and a worker must start fast.

import { isMainThread } from "node:worker_threads";
import { isWorker } from "./self.ts";

if (!isMainThread || isWorker(process.argv.slice(2))) void import("./worker-main.ts");
else void import("./broker-main.ts");
