// JSON as the contents of a string, against JSON.stringify: every byte, at every place in and round the 16 that are looked
// at together.

import { expect, test } from "vitest";
import { quote } from "../../src/json/scanner/scanner.ts";
import { mutations, seeds } from "./corpus.ts";

/** As it is written, with its quotes; nothing is written elsewhere. */
function quoted(json: Buffer): string {
  const into = Buffer.alloc(2 * json.length + 32, 0xff);
  const end = quote(json, into, 7);
  expect([...into.subarray(0, 7), ...into.subarray(7 + 2 * json.length)].every((byte) => byte === 0xff)).toBe(true);
  return `"${into.subarray(7, end).toString("utf8")}"`;
}

/** All that can stand in JSON: white space, and every byte that is no control character. */
const bytes = [0x09, 0x0a, 0x0d, ...Array.from({ length: 0x100 - 0x20 }, (_, i) => i + 0x20)];

test("each byte, at each place", () => {
  for (const byte of bytes) {
    for (let length = 1; length <= 50; length++) {
      const at = (byte * 7 + length) % length;
      const text = Buffer.alloc(length, "x");
      text[at] = byte;
      const into = Buffer.alloc(2 * length);
      const end = quote(text, into, 0);
      const expected = JSON.stringify(text.toString("latin1")).slice(1, -1);
      expect(into.toString("latin1", 0, end)).toBe(expected);
    }
  }
});

test("at each place in and behind the 64 that are copied together where all is plain", () => {
  for (const letter of ['"', "\\", "\n", "\r", "\t", "\x7f", "é"]) {
    for (let at = 0; at < 200; at++) {
      const text = `${"x".repeat(at)}${letter}${"y".repeat(199 - at)}`;
      expect(quoted(Buffer.from(text))).toBe(JSON.stringify(text));
    }
  }
});

test.each([0, 1, 2, 15, 16, 17, 31, 32, 33, 63, 64, 65])("%i of the same, all written otherwise", (length) => {
  for (const letter of ['"', "\\", "\n", "\r", "\t"]) {
    const text = letter.repeat(length);
    expect(quoted(Buffer.from(text))).toBe(JSON.stringify(text));
  }
});

test.each([
  ...[
    '"\\ud800"',
    '"\\u0000\\u001f"',
    '"\\"\\\\\\/"',
    '"é€😀\u2028\u2029\ufeff\x7f"',
    '{ "a" :\r\n\t[ 1.0 , 1e400 ] }',
  ],
  ...["16 letters, then:", "15 letters then:"].map((text) => `"${text}\\""`),
])("%j", (text) => expect(quoted(Buffer.from(text))).toBe(JSON.stringify(text)));

test("what takes several pieces, of which the ends are anywhere", () => {
  for (const size of [65_535, 65_536, 65_537, 131_072, 200_001]) {
    for (const unit of ['"', "x", '\\"é\n']) {
      const text = unit.repeat(Math.ceil(size / unit.length)).slice(0, size);
      expect(quoted(Buffer.from(text)) === JSON.stringify(text)).toBe(true);
    }
  }
});

test("the scanner goes on as before, and memory that has grown is followed", () => {
  expect(quoted(Buffer.from(`${"[".repeat(1000)}1${"]".repeat(1000)}`))).toContain("[1]");
  for (const text of seeds) expect(quoted(Buffer.from(text))).toBe(JSON.stringify(text));
});

test("20,000 texts that are JSON", () => {
  let count = 0;
  for (const bytes of mutations(20_000)) {
    const text = bytes.toString("utf8");
    try {
      JSON.parse(text);
    } catch {
      continue;
    }
    if (!Buffer.from(text).equals(bytes)) continue;
    count++;
    expect(quoted(bytes)).toBe(JSON.stringify(text));
  }
  expect(count).toBeGreaterThan(1000);
});
