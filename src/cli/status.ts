// Owns the status that a command line ends with, and what people read when it fails.

import { DlrpcError } from "../../protocol/errors.ts";
import { logDefect } from "../observe/log.ts";
import { EX_IOERR } from "../server/life-cycle.ts";
import { refusalOf } from "../start-failure.ts";
import { crashText } from "./crash-text.ts";
import { CommandError, UsageError } from "./options.ts";
import { CannotPrint, isReaderGone, printError } from "./output.ts";
import { harmless, STDERR } from "./terminal.ts";

/** The status for every error, as `exec` documents it. */
const FAILURE = 2;

/** @returns what `run` returns, or the status for what it throws */
export async function statusOf(run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof UsageError)
      return fail(`${error.message} (dlrpc help lists the verbs, dlrpc help VERB its options)`);
    if (error instanceof CommandError) return fail(error.message);
    if (error instanceof DlrpcError) return fail(describe(error));
    if (isReaderGone(error)) return EX_IOERR;
    if (error instanceof CannotPrint) return fail(error.message, EX_IOERR);
    const refusal = refusalOf(error);
    if (refusal !== undefined) return fail(`it cannot go on: ${refusal}`);
    logDefect(error);
    return FAILURE;
  }
}

/** The error, what can be done, and the plugin's last words, for people. */
export function describe(error: DlrpcError): string {
  const { message, data } = error.toJSON();
  const words = [data.stdoutTail, data.stderrTail].filter((tail) => typeof tail === "string" && tail !== "");
  const tails = words.map((tail) => `\n${String(tail).trimEnd()}`).join("");
  return `${data.kind}: ${message}${typeof data.hint === "string" ? `\n  ${data.hint}` : ""}${crashText(error)}${tails}`;
}

function fail(message: string, status = FAILURE): number {
  printError(Buffer.from(`dlrpc: ${harmless(message, STDERR)}\n`));
  return status;
}
