// What is said when a command line fails, for people or for programs, and the status that it then ends with.

import { DlrpcError } from "../../protocol/errors.ts";
import { refusalOf } from "../base/start-failure.ts";
import { logDefect } from "../observe/log.ts";
import { EX_IOERR } from "../server/life-cycle.ts";
import { crashText } from "./calling/crash-text.ts";
import { DEFECT, statusOfKind, USAGE } from "./exit-status.ts";
import { hintOf, messageOf } from "./option-terms.ts";
import { CommandError, UsageError } from "./options.ts";
import { CannotPrint, isReaderGone, tell } from "./text/output.ts";

const HELP = "dlrpc help lists the verbs, dlrpc help VERB its options";

/** @returns what `run` returns, or the status for what it throws */
export async function statusOf(run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    return reportError(error);
  }
}

/** Says what went wrong to people. @returns the status */
export function reportError(error: unknown): number {
  if (error instanceof UsageError) return say(`${error.message} (${HELP})`, USAGE);
  if (error instanceof CommandError) return say(error.message, USAGE);
  if (error instanceof DlrpcError) return say(describe(error), statusOfKind(error.kind));
  if (isReaderGone(error)) return EX_IOERR;
  if (error instanceof CannotPrint) return say(error.message, EX_IOERR);
  const refusal = refusalOf(error);
  if (refusal !== undefined) return say(`it cannot go on: ${refusal}`, USAGE);
  logDefect(error);
  return DEFECT;
}

/**
 * Says it to programs: one line of JSON, the last on stderr, with `kind`, `message`, `hint` and `data` as on the wire.
 * @returns the status
 */
export function reportErrorAsJson(error: unknown): number {
  const known = knownError(error);
  if (known === undefined) return reportError(error);
  const whole = known.cause instanceof DlrpcError ? known.cause : known;
  const { data } = whole.toJSON();
  const line = JSON.stringify({ kind: whole.kind, message: messageOf(whole), hint: hintOf(whole), data });
  tell(line);
  return statusOfKind(whole.kind);
}

/** In the protocol's terms, where it has any for it. */
function knownError(error: unknown): DlrpcError | undefined {
  if (error instanceof UsageError) return new DlrpcError("INVALID_PARAMS", error.message, { hint: HELP });
  if (error instanceof CommandError) return new DlrpcError("INVALID_PARAMS", error.message);
  return error instanceof DlrpcError ? error : undefined;
}

/** The error, what can be done, and the plugin's last words, for people. */
export function describe(error: DlrpcError): string {
  const { stdoutTail, stderrTail } = error.details;
  const hint = hintOf(error);
  const words = [stdoutTail, stderrTail].filter((tail) => typeof tail === "string" && tail !== "");
  const tails = words.map((tail) => `\n${String(tail).trimEnd()}`).join("");
  return `${error.kind}: ${messageOf(error)}${hint === undefined ? "" : `\n  ${hint}`}${crashText(error)}${tails}`;
}

function say(message: string, status: number): number {
  tell(`dlrpc: ${message}`);
  return status;
}
