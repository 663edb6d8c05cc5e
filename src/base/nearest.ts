// Owns the guess at what somebody meant by a name that does not exist.

import { closest, distance } from "fastest-levenshtein";

/** Nothing that is longer is a slip of the hand, and looking costs time. */
const LONGEST = 100;

/** The known name that is most like `name`, or undefined where none is near enough to be a slip of the hand. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || name.length > LONGEST) return undefined;
  const best = closest(name, known);
  return distance(name, best) <= Math.max(2, Math.ceil(name.length / 3)) ? best : undefined;
}

/** ` (did you mean \`x\`?)`, or nothing. */
export function didYouMean(name: string, known: readonly string[]): string {
  const guess = nearest(name, known);
  return guess === undefined ? "" : ` (did you mean \`${guess}\`?)`;
}
