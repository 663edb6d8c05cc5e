// Owns the start of what serves a host, in either protocol.

import { start } from "./start.ts";

start(async (args) => {
  if (args[0] === "mcp") {
    const { runMcp } = await import("../cli/serving/mcp.ts");
    return runMcp(args.slice(1));
  }
  const { runServe } = await import("../cli/serving/serve.ts");
  return runServe(args[0] === "serve" ? args.slice(1) : args);
});
