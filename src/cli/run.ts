// Owns the choice of the verb, and what people read when that fails.

import { DlrpcError } from "../../protocol/errors.ts";
import { logDefect } from "../observe/log.ts";
import { nearest } from "../observe/nearest.ts";
import { EX_IOERR } from "../server/serve.ts";
import { version } from "../version.ts";
import { runExec } from "./exec.ts";
import { helpText } from "./help.ts";
import { CommandError, UsageError } from "./options.ts";
import { CannotPrint, isReaderGone, print, printError } from "./output.ts";
import { runServe } from "./serve.ts";

/** The status for every error, as `exec` documents it. */
const FAILURE = 2;

const verbs = ["serve", "exec", "conformance", "keygen", "sign", "verify", "build-worker"];

/** Runs a command line. @returns the exit status */
export async function run(args: readonly string[]): Promise<number> {
  try {
    return await dispatch(args);
  } catch (error) {
    if (error instanceof UsageError) return fail(`${error.message} (dlrpc --help lists everything)`);
    if (error instanceof CommandError) return fail(error.message);
    if (error instanceof DlrpcError) return fail(describe(error));
    if (isReaderGone(error)) return EX_IOERR;
    if (error instanceof CannotPrint) return fail(error.message, EX_IOERR);
    logDefect(error);
    return FAILURE;
  }
}

async function dispatch(args: readonly string[]): Promise<number> {
  const [verb = "", ...rest] = args;
  const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args; // what follows belongs to another command
  if (own.includes("--help") || verb === "help" || (verb === "" && process.stdin.isTTY)) return show(helpText());
  if (verb === "--version") return show(`${version}\n`);
  if (verb === "serve") return runServe(rest);
  if (verb === "exec") return runExec(rest);
  if (verb === "conformance") {
    const { runConformance } = await import("./conformance.ts"); // large, and of no use to the other verbs
    return runConformance(rest);
  }
  if (verb === "keygen" || verb === "sign" || verb === "verify") {
    const { signingVerbs } = await import("./signing.ts"); // of no use to the other verbs, either
    return signingVerbs[verb](rest);
  }
  if (verb === "build-worker") {
    const { runBuildWorker } = await import("./build-worker.ts");
    return runBuildWorker(rest);
  }
  if (verb === "" || verb.startsWith("-")) return runServe(verb === "" ? rest : args);
  const guess = nearest(verb, verbs);
  throw new UsageError(`there is no verb \`${verb}\`${guess === undefined ? "" : `; did you mean ${guess}?`}`);
}

function describe(error: DlrpcError): string {
  const { message, data } = error.toJSON();
  const tail = typeof data.stderrTail === "string" && data.stderrTail !== "" ? `\n${data.stderrTail.trimEnd()}` : "";
  return `${data.kind}: ${message}${typeof data.hint === "string" ? `\n  ${data.hint}` : ""}${tail}`;
}

function show(text: string): number {
  print(text);
  return 0;
}

function fail(message: string, status = FAILURE): number {
  printError(Buffer.from(`dlrpc: ${message}\n`));
  return status;
}
