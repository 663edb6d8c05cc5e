// What is said of what a load warns of.

import type { Problem } from "../../../../protocol/messages.ts";
import { inOptionTerms } from "../../option-terms.ts";
import { tell } from "../../text/output.ts";

/** A warning, and what can be done about it. */
export function warningText({ code, message, hint }: Problem): string {
  return `${code}: ${message}${hint === undefined ? "" : `\n  ${inOptionTerms(hint)}`}`;
}

export function printWarning(text: string): void {
  tell(`dlrpc: warn: ${text}`);
}
