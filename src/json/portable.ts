// Owns what parsers of other languages cannot read, though it is JSON (M13).

/** With what dlrpc puts around a value no message is nested deeper than 64: where .NET's parser stops, soonest of all. */
const MOST_NESTING = 56;
/** The largest double has 309 digits. */
const SURELY_DOUBLE_LENGTH = 300;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const LETTER_U = 0x75;
const OPENING: ReadonlySet<number> = new Set(Buffer.from("[{"));
const CLOSING: ReadonlySet<number> = new Set(Buffer.from("]}"));
const OF_NUMBERS: ReadonlySet<number> = new Set(Buffer.from("0123456789+-.eE"));
const EXPONENT = /[eE]/;

/** `\uXXXX` */
const ESCAPE_LENGTH = 6;

/**
 * @param bytes well-formed JSON in UTF-8
 * @returns what about it not every parser reads, in words; undefined where there is nothing
 */
export function unportable(bytes: Uint8Array): string | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at] as number;
    if (OPENING.has(byte) && ++depth > MOST_NESTING) return `byte ${at}: it is nested more than ${MOST_NESTING} deep`;
    if (CLOSING.has(byte)) depth--;
    if (byte === QUOTE) {
      for (at++; text[at] !== QUOTE; ) {
        const length = characterLength(text, at);
        if (length === undefined) return `byte ${at}: a surrogate without its other half`;
        at += length;
      }
    } else if (byte === MINUS || (byte >= ZERO && byte <= NINE)) {
      const end = endOfNumber(text, at);
      if (!isDouble(text, at, end)) return `byte ${at}: a number that is larger than any double`;
      at = end - 1;
    }
  }
  return undefined;
}

/** Of a byte or an escape; undefined for a surrogate that is alone. */
function characterLength(text: Buffer, at: number): number | undefined {
  if (text[at] !== BACKSLASH) return 1;
  if (text[at + 1] !== LETTER_U) return 2;
  const unit = unitOf(text, at);
  if (unit < 0xd800 || unit > 0xdfff) return ESCAPE_LENGTH;
  if (unit > 0xdbff || text[at + 6] !== BACKSLASH || text[at + 7] !== LETTER_U) return undefined;
  const low = unitOf(text, at + ESCAPE_LENGTH);
  return low >= 0xdc00 && low <= 0xdfff ? 2 * ESCAPE_LENGTH : undefined;
}

function unitOf(text: Buffer, at: number): number {
  return Number.parseInt(text.toString("latin1", at + 2, at + ESCAPE_LENGTH), 16);
}

function endOfNumber(text: Buffer, start: number): number {
  let at = start;
  while (OF_NUMBERS.has(text[at] as number)) at++;
  return at;
}

function isDouble(text: Buffer, start: number, end: number): boolean {
  const number = text.toString("latin1", start, end);
  if (number.length < SURELY_DOUBLE_LENGTH && !EXPONENT.test(number)) return true;
  return Number.isFinite(Number(number));
}
