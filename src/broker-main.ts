// Owns the start of everything but workers, and the end of the process with its status.

import { writeSync } from "node:fs";
import { CannotUnpack } from "./packed/cannot-unpack.ts";

async function main(): Promise<never> {
  const { run } = await import("./cli/run.ts");
  const status = await run(process.argv.slice(2));
  const { exitNow } = await import("./native/processes.ts");
  return exitNow(status); // at once: a plugin that runs inline and does not return would hold up anything else (E10)
}

void main().catch((error: unknown) => {
  if (!(error instanceof CannotUnpack)) throw error;
  writeSync(process.stderr.fd, `dlrpc: ${error.message}\n`);
  process.exit(2);
});
