// Two columns that people read: what, and what is to be said of it.

export type Row = readonly [what: string, said: string];

/** @param width of the first column @returns lines, indented, the last one not ended */
export function columns(rows: readonly Row[], width = widthOf(rows)): string {
  return rows.map(([what, said]) => `  ${what.padEnd(width)}  ${said}`.trimEnd()).join("\n");
}

export function widthOf(rows: readonly Row[]): number {
  return Math.max(...rows.map(([what]) => what.length));
}
