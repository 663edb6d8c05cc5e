// Owns the start of what people and scripts call.

import { start } from "./start.ts";

start(async (args) => {
  const { runVerb } = await import("../cli/run-verb.ts");
  return runVerb(args);
});
