// JSON for people: what is shown is what was written, and what is left out is counted.

import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { RawJson } from "../../protocol/raw.ts";
import { type Bounds, bounds, jsonLine, prettyJson } from "../../src/cli/text/pretty-json.ts";
import { DocumentError, readDocument } from "../../src/json/document.ts";
import { mutations, seeds } from "../json/corpus.ts";

function pretty(text: string, within: Partial<Bounds> = {}): string {
  return prettyJson(readDocument(Buffer.from(text)), false, { ...bounds, ...within }).text;
}

/** The text without white space between tokens, whatever is in strings. */
function compact(text: string): string {
  return text.replaceAll(/("(?:[^"\\]|\\.)*")|\s+/gs, (_, string = "") => string);
}

test("it is indented, and empty objects and arrays are not opened", () => {
  expect(pretty('{"a":[1,{"b":null}],"c":{},"d":[ ],"e":"f"}')).toBe(
    '{\n  "a": [\n    1,\n    {\n      "b": null\n    }\n  ],\n  "c": {},\n  "d": [],\n  "e": "f"\n}',
  );
});

test("numbers, escapes, the order of members and members given twice are as they were written", () => {
  const text = '{"z":1.50,"a":12345678901234567890,"z":-0,"\\u00e9":"\\u0041\\/\\n","e":1E400,"é":"\\ud800"}';
  expect(compact(pretty(text))).toBe(text);
});

test("of whatever is JSON only the white space between tokens is another", () => {
  for (const bytes of [...seeds.map((seed) => Buffer.from(seed)), ...mutations(3000)]) {
    const text = bytes.toString("utf8");
    const all = { string: bytes.length, items: bytes.length, depth: bytes.length, lines: 3 * bytes.length + 1 };
    const document = read(bytes);
    if (document === undefined) continue;
    const { text: shown, isCut } = prettyJson(document, false, all);
    expect(isCut, text).toBe(false);
    expect(compact(shown)).toBe(compact(text.trim()).replaceAll("\u007f", "\\u007f"));
  }
});

function read(bytes: Buffer): RawJson | undefined {
  try {
    return readDocument(bytes);
  } catch (error) {
    if (error instanceof DocumentError) return undefined;
    throw error;
  }
}

test("colours are around tokens, and nothing else is changed by them", () => {
  const value = readDocument(Buffer.from('{"a":"b","c":[1,true,null]}'));
  const { text } = prettyJson(value, true);
  expect(text).toContain('\u001b[34m"a"\u001b[0m: \u001b[32m"b"\u001b[0m');
  expect(text).toContain("\u001b[33m1\u001b[0m");
  expect(text).toContain("\u001b[35mtrue\u001b[0m");
  expect(stripVTControlCharacters(text)).toBe(prettyJson(value, false).text);
});

test("what a terminal would obey is escaped as JSON has it, in strings and in names", () => {
  const value = RawJson.from({ "\u009b2J": "\u007f\u202e" });
  expect(prettyJson(value, false).text).toBe('{\n  "\\u009b2J": "\\u007f\\u202e"\n}');
  expect(jsonLine(value)).toBe('{"\\u009b2J":"\\u007f\\u202e"}');
});

describe("what is large is cut", () => {
  test.each([
    ["a string", '"abcdefgh"', { string: 5 }, '"abcde…" … 3 more bytes'],
    ["a string with one byte too many", '"abcdef"', { string: 5 }, '"abcde…" … 1 more byte'],
    ["a string that just fits", '"abcde"', { string: 5 }, '"abcde"'],
    ["a string, between two characters", '"ab☃d"', { string: 4 }, '"ab…" … 4 more bytes'],
    ["a string, not within an escape", '"a\\u00e9b"', { string: 6 }, '"a…" … 7 more bytes'],
    ["a string, not behind half of an escape", '"ab\\\\cd"', { string: 3 }, '"ab…" … 4 more bytes'],
    ["a name", '{"abcdefgh":1}', { string: 5 }, '{\n  "abcde…" … 3 more bytes: 1\n}'],
    ["an array", "[1,[2,2],{},4]", { items: 2 }, "[\n  1,\n  [\n    2,\n    2\n  ],\n  … 2 more elements\n]"],
    ["an object", '{"a":1,"b":2,"c":{"d":[]}}', { items: 2 }, '{\n  "a": 1,\n  "b": 2,\n  … 1 more member\n}'],
    ["what looks like items in strings", '[1,"a,]\\"",{"b,":[2,3]}]', { items: 1 }, "[\n  1,\n  … 2 more elements\n]"],
    ["nesting", '[[1,2],{"a":1}]', { depth: 1 }, "[\n  [… 2 elements],\n  {… 1 member}\n]"],
    ["nesting that just fits", "[[]]", { depth: 1 }, "[\n  []\n]"],
    [
      "many lines",
      "[[1,2,3],[4],5]",
      { lines: 3 },
      "[\n  [\n    1,\n    … 2 more elements\n  ],\n  … 2 more elements\n]",
    ],
  ] as const)("%s", (_, text, within, shown) => {
    expect(pretty(text, within)).toBe(shown);
    expect(prettyJson(readDocument(Buffer.from(text)), false, { ...bounds, ...within }).isCut).toBe(
      shown.includes("…"),
    );
  });

  test("on one line", () => {
    expect(jsonLine(RawJson.from({ a: "☃☃" }), 9)).toBe('{"a":"☃… 5 more bytes; pipe it to have them');
    expect(jsonLine(RawJson.from([1]), 3)).toBe("[1]");
  });

  test("a result of many megabytes is soon cut, and all that is left out is counted", () => {
    const many = 4_000_000;
    const shown = prettyJson(
      new RawJson(Buffer.from(`[${"[7],".repeat(many)}${"[".repeat(900)}${"]".repeat(900)}]`)),
      true,
    );
    expect(shown.text).toContain(`… ${(many - 99).toLocaleString("en")} more elements`);
  });
});
