// Owns the start of the program: what a host starts is a script of its own, for each line of a script takes time.

import { fstatSync, writeSync } from "node:fs";
import { join } from "node:path";
import { isSea } from "node:sea";
import { isatty } from "node:tty";
import { scriptName } from "#platform/program/scripts";
import { startFailure } from "../base/start-failure.ts";
import { partOf, requirePart } from "../platform/program-parts.ts";
import { scriptOf } from "./compiled-script.ts";

const STDIN = 0;
const STDERR = 2;
/** Nowhere, in the single executable. */
const ownDirectory = isSea() ? "" : __dirname;
/** The status where it cannot start (cli/exit-status.ts: USAGE). */
const FAILURE = 2;

/** Whether a host is to be served; where not, a person is to be told something. */
function isForHost(args: readonly string[]): boolean {
  const [verb = ""] = args;
  const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  if (own.includes("--help") || own.includes("-h") || verb === "--version" || verb === "-V") return false;
  if (verb === "") return !(fstatSync(STDIN).isCharacterDevice() && isatty(STDIN));
  return verb === "serve" || verb === "mcp" || verb.startsWith("-");
}

const name = scriptName(isForHost(process.argv.slice(2)) ? "serve" : "verbs");
try {
  if (typeof WebAssembly === "undefined") throw new Error("it needs WebAssembly, which Node lacks with --jitless");
  const text = requirePart(`${name}.cjs`);
  const script = scriptOf({ filename: join(ownDirectory, `${name}.cjs`), text, compiled: partOf(`${name}.compiled`) });
  script.runInThisContext()(require, module, ownDirectory);
} catch (error) {
  writeSync(STDERR, `dlrpc: it cannot start: ${startFailure(error)}\n`);
  process.exitCode = FAILURE;
}
