// Tables that people read: aligned, and on a terminal in colour.

import { hasColours, isTerminal, oneLine, STDOUT } from "./terminal.ts";

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

/** How wide stdout is, where it is a terminal. */
export function terminalWidth(): number {
  return isTerminal(STDOUT) ? process.stdout.columns : Number.POSITIVE_INFINITY;
}

/**
 * @param rows texts as they are; the last column is not filled up
 * @param width what is longer is cut off
 * @returns lines, each ended
 */
export function table(rows: readonly (readonly Cell[])[], width = Number.POSITIVE_INFINITY): string {
  const shown = rows.map((cells) => cells.map((cell): Cell => ({ ...cell, text: oneLine(cell.text) })));
  const widths = (shown[0] ?? []).map((_, column) =>
    Math.max(...shown.map((cells) => widthOf(cells[column]?.text ?? ""))),
  );
  return shown.map((cells) => `${lineOf(cells, widths, width)}\n`).join("");
}

function lineOf(cells: readonly Cell[], widths: readonly number[], width: number): string {
  let left = width;
  const parts = cells.map(({ text, style }, column) => {
    const filled = column === cells.length - 1 ? widthOf(text) : (widths[column] ?? 0) + 2;
    const cut = [...text].slice(0, Math.max(left, 0)).join("");
    left -= filled;
    return styled(cut, style) + " ".repeat(filled - widthOf(text));
  });
  return parts.join("").trimEnd();
}

/** In characters: those that are wide or narrow are for the terminal to know. */
function widthOf(text: string): number {
  return [...text].length;
}
