// Owns the choice of the verb, and what people read when that fails.

import { writeSync } from "node:fs";
import { DlrpcError } from "../../protocol/errors.ts";
import { nearest } from "../observe/nearest.ts";
import { version } from "../version.ts";
import { runExec } from "./exec.ts";
import { helpText } from "./help.ts";
import { UsageError } from "./options.ts";
import { runServe } from "./serve.ts";

const STDOUT = 1;
const STDERR = 2;
/** The status for every error, as `exec` documents it. */
const FAILURE = 2;

const verbs = ["serve", "exec"];

/** Runs a command line. @returns the exit status */
export async function run(args: readonly string[]): Promise<number> {
  try {
    return await dispatch(args);
  } catch (error) {
    if (error instanceof UsageError) return fail(`${error.message} (dlrpc --help lists everything)`);
    if (error instanceof DlrpcError) return fail(describe(error));
    throw error;
  }
}

function dispatch(args: readonly string[]): number | Promise<number> {
  const [verb = "", ...rest] = args;
  if (args.includes("--help") || verb === "help" || (verb === "" && process.stdin.isTTY)) return print(helpText());
  if (verb === "--version") return print(`${version}\n`);
  if (verb === "serve") return runServe(rest);
  if (verb === "exec") return runExec(rest, print);
  if (verb === "" || verb.startsWith("-")) return runServe(verb === "" ? rest : args);
  const guess = nearest(verb, verbs);
  throw new UsageError(`there is no verb \`${verb}\`${guess === undefined ? "" : `; did you mean ${guess}?`}`);
}

function describe(error: DlrpcError): string {
  const { message, data } = error.toJSON();
  const tail = typeof data.stderrTail === "string" && data.stderrTail !== "" ? `\n${data.stderrTail.trimEnd()}` : "";
  return `${data.kind}: ${message}${typeof data.hint === "string" ? `\n  ${data.hint}` : ""}${tail}`;
}

function print(text: string): number {
  for (let bytes = Buffer.from(text); bytes.length > 0; ) bytes = bytes.subarray(writeSync(STDOUT, bytes));
  return 0;
}

function fail(message: string): number {
  writeSync(STDERR, `dlrpc: ${message}\n`);
  return FAILURE;
}
