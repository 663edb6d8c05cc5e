// `dlrpc replay`: a call that has crashed or timed out, once more (R2).

import { DlrpcError } from "../../../protocol/errors.ts";
import { RawJson } from "../../../protocol/raw.ts";
import type { Receipt } from "../../../protocol/receipt.ts";
import type { PluginFiles } from "../../plugins/inspected-plugin.ts";
import { onlyOperand, parseOptions, wordsOf } from "../options.ts";
import { describe } from "../report-error.ts";
import { trialOptions } from "../shared-options.ts";
import { printError, tell } from "../text/output.ts";
import { ProgressBar } from "../text/progress-bar.ts";
import { type ReadReceipt, readReceipt } from "./receipt.ts";
import { grantWords } from "./trial/grants.ts";
import { Interruption } from "./trial/interruption.ts";
import { printResult } from "./trial/result.ts";
import { TriedPlugin } from "./trial/tried-plugin.ts";
import { replayVerb } from "./verbs.ts";

const SAME = 0;
const OTHERWISE = 1;

/** @returns the exit status @throws UsageError, CommandError, DlrpcError where the plugin does not load */
export async function runReplay(args: readonly string[]): Promise<number> {
  const options = parseOptions(replayVerb, args);
  const path = onlyOperand(options, "replay needs the path of a receipt", "replay runs one receipt");
  const { receipt, context } = readReceipt(path);
  const grants = grantWords(receipt.sandbox).map((words) => words.join("=")); // as options of `dlrpc exec`
  say(`${receipt.plugin.path} runs again as at ${receipt.time}, with ${grants.join(" ")}`);
  const trial = parseOptions({ ...replayVerb, options: trialOptions }, [
    ...grants,
    ...(receipt.timeoutMs === null ? [] : [`--timeout-ms=${receipt.timeoutMs}`]),
    ...wordsOf(options, trialOptions),
  ]);
  const requireSame = (files: PluginFiles) => {
    if (!options.has("changed")) requireLibrary(receipt, files);
  };
  const plugin = await TriedPlugin.prepare(receipt.plugin.path, trial, new ProgressBar(), requireSame);
  const interruption = new Interruption();
  try {
    await plugin.load(interruption.signal);
    return await run(plugin, { receipt, context }, interruption);
  } finally {
    printError(Buffer.from(await plugin.close()));
    await interruption.end();
  }
}

async function run(
  plugin: TriedPlugin,
  { receipt: { failure }, context }: ReadReceipt,
  interruption: Interruption,
): Promise<number> {
  const ended = await plugin.call(context, false, interruption.signal).catch((error: unknown) => {
    if (error instanceof DlrpcError && !interruption.hasBegun) return error;
    throw error;
  });
  const then = describeFailure(failure);
  if (ended instanceof RawJson) {
    printResult(ended, false);
    say(`it ended otherwise: with a result; then ${then}`);
    return OTHERWISE;
  }
  tell(describe(ended));
  const now = failureOf(ended);
  if (isSame(now, failure)) {
    say(`it ended in the same way: ${then}`);
    return SAME;
  }
  say(`it ended otherwise: ${describeFailure(now)}; then ${then}`);
  return OTHERWISE;
}

type Failure = Pick<Receipt["failure"], "signal" | "exitCode" | "reason"> & { readonly kind: string };

function failureOf({ kind, details }: DlrpcError): Failure {
  const { signal, exitCode, reason } = details;
  return {
    kind,
    signal: typeof signal === "string" ? signal : null,
    exitCode: typeof exitCode === "number" ? exitCode : null,
    reason: typeof reason === "string" ? reason : null,
  };
}

function isSame(one: Failure, other: Failure): boolean {
  const members = ["kind", "signal", "exitCode", "reason"] as const;
  return members.every((member) => one[member] === other[member]);
}

function describeFailure({ kind, signal, exitCode, reason }: Failure): string {
  const how = [signal, exitCode === null ? null : `status ${exitCode}`, reason === "crash" ? null : reason];
  return [kind, ...how.filter((word) => word !== null)].join(", ");
}

/** @throws DlrpcError INTEGRITY_FAILED */
function requireLibrary({ plugin }: Receipt, { libraryPath, integrity }: PluginFiles): void {
  if (integrity === plugin.integrity) return;
  throw new DlrpcError("INTEGRITY_FAILED", `${libraryPath} is not the library that the receipt is of`, {
    path: libraryPath,
    expected: plugin.integrity,
    actual: integrity,
    hint: `Put version ${plugin.version} with the hash ${plugin.integrity} back, or give --changed: it has ${integrity}.`,
  });
}

function say(text: string): void {
  tell(`dlrpc: ${text}`);
}
