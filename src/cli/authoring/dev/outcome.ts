// What `dlrpc dev` shows of a call beside the one before: what is different in its result, in time and in memory.

import type { RawJson } from "../../../../protocol/raw.ts";
import { print } from "../../text/output.ts";
import { prettyJson } from "../../text/pretty-json.ts";
import { hasColours, STDOUT } from "../../text/terminal.ts";
import { around, diffLines, type Line } from "./line-diff.ts";

/** A call that has ended with a result. */
export interface Outcome {
  readonly result: RawJson;
  readonly ms: number;
  /** Of the plugin's process, after the call; null where that is not known. */
  readonly bytes: number | null;
}

const CONTEXT = 2;
const MIB = 1 << 20;
const marks = { same: " ", gone: "-", new: "+" } as const;
/** SGR parameters (ECMA-48). */
const colours = { same: undefined, gone: "31", new: "32" } as const;

/** @param before the last one; undefined at first */
export function showOutcome(outcome: Outcome, before: Outcome | undefined): void {
  const { result } = outcome;
  const shown = before === undefined ? prettyJson(result, hasColours(STDOUT)).text : difference(before.result, result);
  const time = `${outcome.ms.toFixed(2)} ms${before === undefined ? "" : ` (was ${before.ms.toFixed(2)})`}`;
  print(`${shown}\n${[time, ...memory(outcome, before)].join(", ")}\n`);
}

function difference(before: RawJson, after: RawJson): string {
  if (before.toString() === after.toString()) return "The result is the same.";
  const linesOf = (result: RawJson) => prettyJson(result, false).text.split("\n");
  const lines = around(diffLines(linesOf(before), linesOf(after)), CONTEXT);
  if (lines.length === 0) return "The result is another, in what is not shown of it.";
  return lines.map(marked).join("\n");
}

function marked({ kind, text }: Line): string {
  const line = `${marks[kind]} ${text}`;
  const colour = hasColours(STDOUT) ? colours[kind] : undefined;
  return colour === undefined ? line : `\u001b[${colour}m${line}\u001b[0m`;
}

function memory({ bytes }: Outcome, before: Outcome | undefined): string[] {
  if (bytes === null) return [];
  const mib = (amount: number) => (amount / MIB).toFixed(1);
  return [`${mib(bytes)} MiB${before === undefined || before.bytes === null ? "" : ` (was ${mib(before.bytes)})`}`];
}
