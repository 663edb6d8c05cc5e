// What is different between two texts, line by line.

import { diffArrays } from "diff";

export interface Line {
  readonly kind: "same" | "gone" | "new";
  readonly text: string;
}

export function diffLines(before: readonly string[], after: readonly string[]): Line[] {
  return diffArrays([...before], [...after]).flatMap(({ value, removed, added }) =>
    value.map((text): Line => ({ kind: removed ? "gone" : added ? "new" : "same", text })),
  );
}

/** Those that went or came, and at most `context` lines before and after each. */
export function around(lines: readonly Line[], context: number): Line[] {
  const isNear = (index: number) =>
    lines.slice(Math.max(0, index - context), index + context + 1).some(({ kind }) => kind !== "same");
  return lines.filter((_, index) => isNear(index));
}
