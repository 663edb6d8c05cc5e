// How the problems of plugins (D3) are shown to people.

import type { Problem } from "../../../protocol/messages.ts";
import { inOptionTerms } from "../option-terms.ts";
import { tell } from "./output.ts";
import { type Cell, styled } from "./table.ts";
import { oneLine } from "./terminal.ts";

/** Whether a plugin would load, in a word or two. */
export function verdict(problems: readonly Problem[]): Cell {
  const [error, ...others] = problems.filter(({ severity }) => severity === "error");
  if (error !== undefined) {
    return { text: others.length === 0 ? error.code : `${error.code} and ${others.length} more`, style: "red" };
  }
  if (problems.some(({ code }) => code === "NOT_NATIVE")) return { text: "not native", style: "dim" };
  if (problems.length === 0) return { text: "valid", style: "green" };
  return { text: `valid, ${problems.length} warning${problems.length === 1 ? "" : "s"}`, style: "yellow" };
}

/** Each problem on a line, with what helps on the next. */
export function problemLines(problems: readonly Problem[]): string {
  return problems
    .map(({ severity, code, message, hint }) => {
      const head = `  ${styled(severity, severity === "error" ? "red" : "yellow")} ${code}: ${oneLine(message)}\n`;
      return hint === undefined ? head : `${head}    ${styled(oneLine(inOptionTerms(hint)), "dim")}\n`;
    })
    .join("");
}

/** A warning, and what can be done about it. */
export function warningText({ code, message, hint }: Problem): string {
  return `${code}: ${message}${hint === undefined ? "" : `\n  ${inOptionTerms(hint)}`}`;
}

export function printWarning(text: string): void {
  tell(`dlrpc: warn: ${text}`);
}
