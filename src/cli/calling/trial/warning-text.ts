// What is said of what a load warns of.

import type { Problem } from "../../../../protocol/messages.ts";
import { inOptionTerms } from "../../option-terms.ts";
import { printError } from "../../text/output.ts";
import { harmless, STDERR } from "../../text/terminal.ts";

/** A warning, and what can be done about it. */
export function warningText({ code, message, hint }: Problem): string {
  return `${code}: ${message}${hint === undefined ? "" : `\n  ${inOptionTerms(hint)}`}`;
}

export function printWarning(text: string): void {
  printError(Buffer.from(`dlrpc: warn: ${harmless(text, STDERR)}\n`));
}
