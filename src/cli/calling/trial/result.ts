// How what plugins answer is printed: exact for programs, and for people so that it can be read.

import type { RawJson } from "../../../../protocol/raw.ts";
import { print, printError } from "../../text/output.ts";
import { count, jsonLine, prettyJson } from "../../text/pretty-json.ts";
import { hasColours, isTerminal, STDOUT } from "../../text/terminal.ts";

/**
 * Prints a result: as it was written, or on a terminal indented, in colours, and the beginning of what is large.
 * @param onOneLine whether it may take no more in a pipe: partial results went before
 */
export function printResult(result: RawJson, onOneLine: boolean): void {
  if (!isTerminal(STDOUT)) return print(`${onOneLine ? asLine(result) : result}\n`);
  const { text, isCut } = prettyJson(result, hasColours(STDOUT));
  print(`${text}\n`);
  if (!isCut) return;
  const size = count.format(result.bytes.length);
  printError(Buffer.from(`dlrpc: the result has ${size} bytes and is cut; to have all of it, pipe it: … > FILE\n`));
}

/** Prints a partial result, on a line of its own. */
export function printPartial(value: RawJson): void {
  print(`${isTerminal(STDOUT) ? jsonLine(value) : asLine(value)}\n`);
}

/** On one line, as line framing has it (W2): line ends stand between tokens only, where a space is as good. */
function asLine(value: RawJson): string {
  return value.toString().replaceAll(/[\r\n]/g, " ");
}
