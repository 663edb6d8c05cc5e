// `npm run trace -- METHOD` prints the functions that a request of the method enters, in order: those of the server (src/,
// protocol/) and those of the worker (native/). Of plugin/execute it says where each step of docs/architecture.md begins.

import { filesOfSteps, reached } from "./steps.ts";
import { trace, traceable } from "./trace.ts";

const USAGE = 2;

const [method = "", ...others] = process.argv.slice(2);
if (!traceable.includes(method) || others.length > 0) {
  process.stderr.write(`npm run trace -- METHOD, which is one of ${traceable.join(", ")}\n`);
  process.exitCode = USAGE;
} else {
  const entered = await trace(method);
  const files = method === "plugin/execute" ? filesOfSteps() : [];
  const steps = new Map(reached(files, entered).map((at, index) => [at, ` step ${files[index]?.step}`]));
  for (const [index, { name, file, line, depth, returns }] of entered.entries()) {
    const called = `${"  ".repeat(depth)}${name || "(no name)"}${returns ? " returns" : ""}`;
    process.stdout.write(`${called.padEnd(60)} ${file}:${line}${steps.get(index) ?? ""}\n`);
  }
}
