// Owns the start of the program, and its end with a status.

import { writeSync } from "node:fs";
import { NoDirectory } from "./native/nameless-file.ts";

async function main(): Promise<never> {
  const { run } = await import("./cli/run.ts");
  const status = await run(process.argv.slice(2));
  const { exitNow } = await import("./native/processes.ts");
  return exitNow(status); // at once, whatever is still open
}

void main().catch((error: unknown) => {
  if (!(error instanceof NoDirectory)) throw error;
  writeSync(process.stderr.fd, `dlrpc: ${error.message}\n`);
  process.exit(2);
});
