// Reads protocol/SPEC.md: its rules, its tables, its example sessions.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../support/paths.ts";

export const spec = readFileSync(join(projectRoot, "protocol", "SPEC.md"), "utf8");

export interface Rule {
  number: string;
  /** Whether it came after the first draft of the protocol. */
  added: boolean;
  text: string;
}

/** The numbered rules, in their order. */
export const rules: readonly Rule[] = [...spec.matchAll(/^- \*\*([A-Z]\d+)\*\*( \*\(added\)\*)? (.*)$/gm)].map(
  ([, number = "", added, text = ""]) => ({ number, added: added !== undefined, text }),
);

/** The rows of the table with these headings, cells without the marks of code. */
export function table(...headings: string[]): string[][] {
  const lines = spec.split("\n").map((line) => line.trim());
  const start = lines.indexOf(`| ${headings.join(" | ")} |`);
  if (start < 0) throw new Error(`SPEC.md has no table with the columns ${headings.join(", ")}`);
  const rest = lines.slice(start + 2);
  return rest
    .slice(
      0,
      rest.findIndex((line) => !line.startsWith("|")),
    )
    .map(cells);
}

function cells(row: string): string[] {
  return row
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));
}

/** The names in code marks in a cell. */
export function names(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
}

/** One turn of a session: lines that one of the two writes in a row. */
export interface Turn {
  by: "host" | "dlrpc";
  lines: string[];
}

/** The example session in the given framing. */
export function session(framing: "lines" | "headers"): Turn[] {
  const block = new RegExp(`^\`\`\`${framing}\n([^]*?)^\`\`\`$`, "m").exec(spec)?.[1];
  if (block === undefined) throw new Error(`SPEC.md has no session in ${framing}`);
  const turns: Turn[] = [];
  for (const line of block.trimEnd().split("\n")) {
    const by = line.startsWith("→") ? "host" : "dlrpc";
    if (turns.at(-1)?.by !== by) turns.push({ by, lines: [] });
    turns.at(-1)?.lines.push(line.slice(2));
  }
  return turns;
}
