// Naming a file that is no executable format at all, so that the reader of the message sees what went wrong.

/** First bytes, as latin1 → what such a file is. The first that fits wins. */
const BEGINNINGS: readonly (readonly [start: string, name: string])[] = [
  ["#!", "a script"],
  ["!<arch>\n", "a static archive"],
  ["!<thin>\n", "a static archive"],
  ["\0asm", "a WebAssembly module"],
  ["BC\xc0\xde", "LLVM bitcode"],
  ["\xde\xc0\x17\x0b", "LLVM bitcode"],
  ["PK\x03\x04", "a zip archive"],
  ["\x1f\x8b", "a gzip archive"],
  ["\x28\xb5\x2f\xfd", "a zstd archive"],
  ["\xfd7zXZ\0", "an xz archive"],
  ["\x64\x86", "a Windows object file (COFF)"],
  ["\x64\xaa", "a Windows object file (COFF)"],
  ["\x4c\x01", "a Windows object file (COFF)"],
];

/** The same for text, where more than the first bytes may tell. */
const TEXTS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^version https:\/\/git-lfs\./, "a Git LFS pointer, the file it stands for was not fetched"],
  [/^--- !tapi-tbd/, "a text-based stub of a library"],
  [/^\s*(\/\*.*GNU ld script|(INPUT|GROUP) *\()/, "a linker script"],
  [/^\s*<(!doctype html|html)\b/i, "an HTML page"],
];

const SAMPLE = 4096;

/** What a file is that has none of the known beginnings, as a noun phrase. */
export function describeUnrecognised(bytes: Uint8Array): string {
  if (bytes.byteLength === 0) return "an empty file";
  const sample = Buffer.from(bytes.subarray(0, SAMPLE));
  const start = sample.toString("latin1", 0, 16);
  const known = BEGINNINGS.find(([beginning]) => start.startsWith(beginning));
  if (known !== undefined) return known[1];
  const text = sample.toString("utf8");
  // Control characters other than white space and escape do not occur in text. A character that the end of the sample
  // cuts in two does.
  const whole = bytes.byteLength > SAMPLE ? text.slice(0, -1) : text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (!/[\0-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]/.test(whole)) {
    return TEXTS.find(([pattern]) => pattern.test(text))?.[1] ?? "a text file";
  }
  if (sample.every((byte) => byte === 0)) return "a file that begins with zero bytes";
  return `a file of no known format (it begins with ${sample.toString("hex", 0, 8).replace(/..(?=.)/g, "$& ")})`;
}
