// Stands for a dlrpc that is killed: starts a worker, says its number and that of a process that its plugin has started.

import { pluginPath, WindowsWorker } from "./windows-worker.ts";

const [, , what = ""] = process.argv;
const worker = new WindowsWorker();
await worker.load(pluginPath("by-ucrt"));
worker.ask(1, "start");
const started = await worker.said();
worker.ask(2, what);
if (what !== "hang") await worker.next();
process.stdout.write(`${worker.child.pid} ${started}\n`);
