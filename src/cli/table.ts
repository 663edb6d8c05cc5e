// Owns tables that people read: aligned; on a terminal in colour, and no wider than that.

import { oneLine } from "./one-line.ts";
import { hasColours, isTerminal, STDOUT } from "./terminal.ts";

const ESCAPE = "\x1b[";
const codes = { red: 31, green: 32, yellow: 33, bold: 1, dim: 2 } as const;
export type Style = keyof typeof codes;

export interface Cell {
  readonly text: string;
  readonly style?: Style;
}

export function styled(text: string, style: Style | undefined): string {
  return style === undefined || !hasColours(STDOUT) ? text : `${ESCAPE}${codes[style]}m${text}${ESCAPE}0m`;
}

/** @param rows texts as they are; the last column of a row is not filled up @returns lines, each ended */
export function table(rows: readonly (readonly Cell[])[]): string {
  const shown = rows.map((cells) =>
    cells.map(({ text, style }): Cell => ({ text: oneLine(text), ...(style && { style }) })),
  );
  const widths = (shown[0] ?? []).map((_, column) =>
    Math.max(...shown.map((cells) => widthOf(cells[column]?.text ?? ""))),
  );
  return shown.map((cells) => `${lineOf(cells, widths)}\n`).join("");
}

function lineOf(cells: readonly Cell[], widths: readonly number[]): string {
  let left = isTerminal(STDOUT) ? (process.stdout.columns ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
  const parts = cells.map(({ text, style }, column) => {
    const width = column === cells.length - 1 ? 0 : (widths[column] ?? 0) + 2;
    const cut = [...text].slice(0, Math.max(left, 0)).join("");
    left -= Math.max(width, widthOf(text));
    return styled(cut, style) + " ".repeat(Math.max(0, width - widthOf(text)));
  });
  return parts.join("").trimEnd();
}

/** In characters: those that are wide or narrow are for the terminal to know. */
function widthOf(text: string): number {
  return [...text].length;
}
