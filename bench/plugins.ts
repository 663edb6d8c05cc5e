// Owns the plugin that all programs call, compiled into a directory that dlrpc trusts.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compileLibrary } from "../fixtures/compile.ts";
import { benchDirectory, echoDirectory, echoLibrary } from "./paths.ts";

export async function buildEcho(): Promise<void> {
  mkdirSync(echoDirectory, { recursive: true });
  const manifest = { name: "bench-echo", description: "Answers with its input", version: "1.0.0" };
  writeFileSync(join(echoDirectory, "plugin.json"), JSON.stringify(manifest), { mode: 0o644 });
  await compileLibrary({ language: "c", sources: [join(benchDirectory, "echo.c")], output: echoLibrary });
}
