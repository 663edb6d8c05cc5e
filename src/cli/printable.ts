// Owns showing people what plugins and packages wrote: nothing in it moves a cursor, hides what follows, or rings.

/** Controls, what has no glyph or turns the direction of writing, and what is no character at all. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** On one line, with each such character as its code: `\u{1b}`. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, escaped);
}

/** The same for several lines. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
