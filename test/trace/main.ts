// `npm run trace -- METHOD` prints the functions that a request of the method enters, in order: those of the server (src/,
// protocol/) and those of the worker (native/).

import { trace, traceable } from "./trace.ts";

const USAGE = 2;

const [method = "", ...others] = process.argv.slice(2);
if (!traceable.includes(method) || others.length > 0) {
  process.stderr.write(`npm run trace -- METHOD, which is one of ${traceable.join(", ")}\n`);
  process.exitCode = USAGE;
} else {
  for (const { name, file, line, depth, returns } of await trace(method)) {
    const called = `${"  ".repeat(depth)}${name || "(no name)"}${returns ? " returns" : ""}`;
    process.stdout.write(`${called.padEnd(60)} ${file}:${line}\n`);
  }
}
