// Owns the start of the program: what a host starts is a script of its own, for each line of a script takes time.

import { fstatSync, writeSync } from "node:fs";
import { isSea } from "node:sea";
import { isatty } from "node:tty";
import { compileFunction } from "node:vm";
import { packedFile } from "./self.ts";
import { startFailure } from "./start-failure.ts";

const STDIN = 0;
const STDERR = 2;
/** The status for every error, as `exec` documents it. */
const FAILURE = 2;

/** Whether a host is to be served; where not, a person is to be told something. */
function isForHost(args: readonly string[]): boolean {
  const [verb = ""] = args;
  const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  if (own.includes("--help") || own.includes("-h") || verb === "--version" || verb === "-V") return false;
  if (verb === "") return !(fstatSync(STDIN).isCharacterDevice() && isatty(STDIN));
  return verb === "serve" || verb === "mcp" || verb.startsWith("-");
}

const script = isForHost(process.argv.slice(2)) ? "serve.cjs" : "verbs.cjs";
try {
  if (isSea()) compileFunction(packedFile(script).toString("latin1"), ["require"], { filename: script })(require);
  else module.require(`./${script}`);
} catch (error) {
  writeSync(STDERR, `dlrpc: it cannot start: ${startFailure(error)}\n`);
  process.exitCode = FAILURE;
}
