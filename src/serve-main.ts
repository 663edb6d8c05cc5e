// Owns the start of what serves a host.

import { start } from "./start.ts";

start(async (args) => {
  const { runServe } = await import("./cli/serve.ts");
  return runServe(args[0] === "serve" ? args.slice(1) : args);
});
