// Owns what is different between two texts, line by line: the fewest lines that went and came, in order.

export interface Line {
  readonly kind: "same" | "gone" | "new";
  readonly text: string;
}

/** @param before in time and memory it takes the product of how many lines there are from the first to the last change */
export function diffLines(before: readonly string[], after: readonly string[]): Line[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let [endBefore, endAfter] = [before.length, after.length];
  while (endBefore > start && endAfter > start && before[endBefore - 1] === after[endAfter - 1]) {
    endBefore--;
    endAfter--;
  }
  const same = (lines: readonly string[]): Line[] => lines.map((text) => ({ kind: "same", text }));
  return [
    ...same(before.slice(0, start)),
    ...middle(before.slice(start, endBefore), after.slice(start, endAfter)),
    ...same(before.slice(endBefore)),
  ];
}

/** By the lengths of the longest common subsequences of what is left from each pair of lines on. */
function middle(before: readonly string[], after: readonly string[]): Line[] {
  const width = after.length + 1;
  const common = new Uint32Array((before.length + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] as number;
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--)
      common[i * width + j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const lines: Line[] = [];
  for (let [i, j] = [0, 0]; i < before.length || j < after.length; ) {
    const [gone, come] = [before[i], after[j]];
    if (gone !== undefined && gone === come) {
      lines.push({ kind: "same", text: gone });
      i++;
      j++;
    } else if (come === undefined || (gone !== undefined && at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ kind: "gone", text: gone as string });
      i++;
    } else {
      lines.push({ kind: "new", text: come });
      j++;
    }
  }
  return lines;
}

/** Those that went or came, and at most `context` lines before and after each. */
export function around(lines: readonly Line[], context: number): Line[] {
  const isNear = (index: number) =>
    lines.slice(Math.max(0, index - context), index + context + 1).some(({ kind }) => kind !== "same");
  return lines.filter((_, index) => isNear(index));
}
