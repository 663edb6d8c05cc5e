// The scanner against JSON.parse: it accepts the same texts, and finds the same members.

import { isUtf8 } from "node:buffer";
import { readFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { JsonSyntaxError, scanArray, scanDocument, scanObject, skipSpace, skipValue } from "../../src/json/scan.ts";
import { compiledGrammar } from "../../src/json/scanner/build.ts";
import { Scanner } from "../../src/json/scanner/scanner.ts";
import { mutations, seeds } from "./corpus.ts";

/** Where the value begins and ends, or the offset of the error. */
function scan(bytes: Uint8Array): { start: number; end: number } | { error: number } {
  try {
    return scanDocument(bytes);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return { error: error.offset };
    throw error;
  }
}

const accepts = (text: string) => "end" in scan(Buffer.from(text));

/** The value as the scanner finds it: only strings, numbers and literals are left to JSON.parse. */
function rebuild(bytes: Uint8Array, start: number): unknown {
  if (bytes[start] === 0x7b) {
    const object = {};
    scanObject(bytes, start, (key, at) => {
      // As JSON.parse: of a name given twice the last counts, and `__proto__` is an ordinary one.
      const description = { value: rebuild(bytes, at), enumerable: true, configurable: true, writable: true };
      Object.defineProperty(object, key, description);
      return skipValue(bytes, at);
    });
    return object;
  }
  if (bytes[start] === 0x5b) {
    const array: unknown[] = [];
    scanArray(bytes, start, (at) => {
      array.push(rebuild(bytes, at));
      return skipValue(bytes, at);
    });
    return array;
  }
  return JSON.parse(Buffer.from(bytes.subarray(start, skipValue(bytes, start))).toString("utf8"));
}

describe("M1: a text is accepted exactly when it is JSON", () => {
  const good = [
    ...["null", "true", "false", "0", "-0", "1", "10", "-10", "0.0", "1.50", "1e5", "1E5", "1e+5", "1e-05", "0e0"],
    ...["9007199254740993", "123456789012345678901234567890", "1e400", "-1.5E-400", "0.1234567890123456789012345"],
    ...['""', '" "', '"a"', String.raw`"\""`, String.raw`"\\\/\b\f\n\r\t"`, String.raw`"\u0041\uD83D\uDe00"`],
    ...[String.raw`"\ud800"`, String.raw`"\u0000"`, '"\x7f"', '"é😀\u2028\u2029\ufeff"', '"//"', '"/*"'],
    ...["[]", "[ ]", "[1]", "[1,2]", "[[],[[]]]", "[{}]", "[\n1\t,\r2 ]", "{}", "{ }", '{"a":1}', '{"":""}'],
    ...['{"a":1,"a":2}', '{"__proto__":1,"constructor":{}}', '{ "a" : [ 1 , { "b" : null } ] , "c" : "}" }'],
    ...[" 1", "1 ", "\t\r\n null\t\r\n ", `{"${"k".repeat(5000)}":"${"v".repeat(5000)}"}`],
  ];
  test.each(good)("yes: %j", (text) => {
    expect(() => JSON.parse(text)).not.toThrow();
    const start = text.length - text.trimStart().length;
    const bytes = Buffer.from(text);
    expect(scan(bytes)).toEqual({ start, end: Buffer.byteLength(text.trimEnd()) });
    expect(isDeepStrictEqual(rebuild(bytes, start), JSON.parse(text))).toBe(true);
  });

  const bad = [
    ...["", " ", "\ufeff1", "nul", "nullx", "Null", "TRUE", "truefalse", "undefined", "NaN", "Infinity", "-Infinity"],
    ...[
      "-",
      "+1",
      "01",
      "-01",
      "00",
      "1.",
      ".5",
      "-.5",
      "1.e5",
      "1e",
      "1e+",
      "1E-",
      "1e5.5",
      "0x10",
      "1_000",
      "1,",
      "--1",
    ],
    ...['"', '"a', "'a'", '"a\nb"', '"a\tb"', '"\0"', '"\x1f"', '"a""b"', '"\\', '"\\"', String.raw`"\x41"`],
    ...[String.raw`"\a"`, String.raw`"\u"`, String.raw`"\u12"`, String.raw`"\u123G"`, String.raw`"\U0041"`, '"\\u00"'],
    ...["[", "]", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1 2]", "[1,,2]", "[1}", "[1]]", "[1:2]", "[}", "(1)"],
    ...["{", "}", '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', '{,"a":1}', '{"a" 1}', '{"a":1 "b":2}', '{"a"}'],
    ...[
      "{a:1}",
      "{'a':1}",
      "{1:1}",
      "{null:1}",
      '{"a":1]',
      '{"a":1}}',
      '{"a"::1}',
      '{"a":,}',
      '{"a":1,,"b":2}',
      "{[]:1}",
    ],
    ...["1 2", "{} {}", "[] null", "// comment\n1", "/* */1", "1 // comment", "\v1", "\f1", "\u00a01", "1\0", "\x01"],
  ];
  test.each(bad)("no: %j", (text) => {
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    const bytes = Buffer.from(text);
    expect(scan(bytes)).toEqual({ error: expect.any(Number) });
  });

  test("100,000 texts made of good ones by mutation", () => {
    let accepted = 0;
    let refused = 0;
    for (const bytes of mutations(100_000)) {
      if (!isUtf8(bytes)) continue; // decoding would change it, so JSON.parse is no judge
      const text = bytes.toString("utf8");
      const result = scan(bytes);
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch {
        refused++;
        if (!("error" in result)) expect.fail(`accepted: ${text}`);
        if (result.error < 0 || result.error > bytes.length) expect.fail(`offset ${result.error}: ${text}`);
        continue;
      }
      accepted++;
      if ("error" in result) expect.fail(`refused at ${result.error}: ${text}`);
      if (!isDeepStrictEqual(rebuild(bytes, result.start), value)) expect.fail(`another value: ${text}`);
    }
    // A corpus of nothing but nonsense, or of nothing but JSON, would show little.
    expect(accepted).toBeGreaterThan(10_000);
    expect(refused).toBeGreaterThan(10_000);
  });

  test("every text with its end cut off", () => {
    const whole = seeds.filter((seed) => !/^-?\d/.test(seed)); // the beginning of a number may be a number
    for (const seed of whole) {
      const bytes = Buffer.from(seed.trimEnd());
      for (let length = 0; length < bytes.length; length++) {
        expect(scan(bytes.subarray(0, length)), `${length} bytes of ${seed}`).toEqual({ error: length });
      }
    }
  });
});

describe("nesting is limited by the size of the text alone", () => {
  const depth = 100_000;
  const mixed = (inner: string) => `${'[{"a":'.repeat(depth / 2)}${inner}${"}]".repeat(depth / 2)}`;

  test.each([
    ["arrays", "[".repeat(depth) + "]".repeat(depth)],
    ["objects", `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`],
    ["both", mixed("null")],
  ])("%s", (_, text) => {
    expect(accepts(text)).toBe(true);
    expect(accepts(text.slice(0, -1))).toBe(false);
    expect(accepts(`${text}]`)).toBe(false);
  });

  test("a bracket that closes the wrong kind, deep inside", () => {
    expect(accepts(mixed("[}"))).toBe(false);
    expect(scan(Buffer.from(`${"[".repeat(depth)}}`))).toEqual({ error: depth });
  });

  test("a text that was too deep and broken does not harm the next one", () => {
    expect(accepts("[".repeat(depth))).toBe(false);
    expect(accepts('[{"a":[]}]')).toBe(true);
    expect(accepts("]")).toBe(false);
  });
});

describe("scanObject and scanArray", () => {
  /** The members as they were visited: key, and the text of the value. */
  function members(text: string, before = ""): [string, string][] {
    const whole = Buffer.from(before + text);
    const bytes = whole.subarray(Buffer.byteLength(before)); // at any place in a larger buffer
    const found: [string, string][] = [];
    const end = scanObject(bytes, 0, (key, at) => {
      const valueEnd = skipValue(bytes, at);
      found.push([key, bytes.subarray(at, valueEnd).toString("utf8")]);
      return valueEnd;
    });
    expect(end).toBe(bytes.length);
    return found;
  }

  test("members in their order, duplicates too, values as they were written", () => {
    expect(members('{ "b" : 1.50 ,"a":[ 1 , 2 ],"b":-0,"":{}}', "12345")).toEqual([
      ["b", "1.50"],
      ["a", "[ 1 , 2 ]"],
      ["b", "-0"],
      ["", "{}"],
    ]);
  });

  test("keys are decoded", () => {
    const text = String.raw`{"\u0061\n\"":1,"é😀":2,"\ud83d\ude00":3,"__proto__":4}`;
    expect(members(text, "é").map(([key]) => key)).toEqual(['a\n"', "é😀", "😀", "__proto__"]);
  });

  test("anything else than an object, or than an array, is refused", () => {
    const none = () => 0;
    for (const text of ["", "[]", "1", '"{}"', " {}"]) {
      expect(() => scanObject(Buffer.from(text), 0, none)).toThrow(JsonSyntaxError);
    }
    for (const text of ["", "{}", "1", '"[]"', " []"]) {
      expect(() => scanArray(Buffer.from(text), 0, none)).toThrow(JsonSyntaxError);
    }
  });

  test("skipSpace stops at the first byte that is not white space, or at the end", () => {
    expect(skipSpace(Buffer.from(" \t\r\n x"), 0)).toBe(5);
    expect(skipSpace(Buffer.from("  "), 0)).toBe(2);
    expect(skipSpace(Buffer.from("\v"), 0)).toBe(0);
  });
});

test.each([
  ["", 0, "byte 0: found the end of the text, needed a value"],
  ["[1,]", 3, "byte 3: found `]`, needed a value"],
  ['{"a":1 "b"}', 7, 'byte 7: found `"`, needed `,` or `}`'],
  ['"\u0001"', 1, "byte 1: found byte 0x01, needed the rest of a string"],
  ['"é\\x"', 4, "byte 4: found `x`, needed an escape such as \\n or \\u0041"],
])("the error for %j says what, what was needed and where in bytes", (text, offset, message) => {
  expect(() => scanDocument(Buffer.from(text))).toThrow(expect.objectContaining({ offset, message }));
});

describe("a scanner", () => {
  const scanner = new Scanner(["params", "id"], ["handle", "input"]);
  const spans = (text: string, first?: number) => {
    const bytes = Buffer.from(text);
    scanner.scan(bytes, 0, bytes.length, first);
    const part = (start: number, end: number) => (start === 0 ? undefined : bytes.toString("utf8", start, end));
    return {
      params: part(scanner.start(0), scanner.end(0)),
      id: part(scanner.start(1), scanner.end(1)),
      handle: part(scanner.innerStart(0), scanner.innerEnd(0)),
      input: part(scanner.innerStart(1), scanner.innerEnd(1)),
    };
  };

  test("finds wanted members where they are, and nowhere else", () => {
    const text =
      '{"handle":0,"id":{"handle":1},"x":{"id":2,"params":3},"params":{"input":[{"handle":4}],"handle":"h"}}';
    expect(spans(text)).toEqual({
      params: '{"input":[{"handle":4}],"handle":"h"}',
      id: '{"handle":1}',
      handle: '"h"',
      input: '[{"handle":4}]',
    });
  });

  test("of a member given twice the last counts, with all that is in it", () => {
    expect(spans('{"id":1,"params":{"handle":1,"input":2,"handle":3},"id":-4,"params":{"input":5}}')).toEqual({
      params: '{"input":5}',
      id: "-4",
      handle: undefined,
      input: "5",
    });
    expect(spans("[]")).toEqual({ params: undefined, id: undefined, handle: undefined, input: undefined });
  });

  test("tells of names that it does not know, or cannot compare", () => {
    spans('{"other":{"x":1},"params":{"handle":{"y":1}}}');
    expect([scanner.hasUnknownInner, scanner.hasEscapedNames]).toEqual([false, false]);
    spans('{"params":{"handle":1,"y":1}}');
    expect([scanner.hasUnknownInner, scanner.hasEscapedNames]).toEqual([true, false]);
    spans(String.raw`{"params":{"h\u0061ndle":1}}`);
    expect(scanner.hasEscapedNames).toBe(true);
    spans(String.raw`{"params":{"handle":{"\u0061":1}},"other":{"\u0061":1}}`);
    expect(scanner.hasEscapedNames).toBe(false);
  });

  test("tells of elements that are no strings, and of bytes that are not ASCII", () => {
    spans('{"params":["a",["b"]],"id":["a","b"]}');
    expect([scanner.hasOnlyStrings(0), scanner.hasOnlyStrings(1), scanner.isAscii]).toEqual([false, true, true]);
    spans('{"id":[1],"id":["\u00e9"]}');
    expect([scanner.hasOnlyStrings(1), scanner.isAscii]).toEqual([true, false]);
  });

  /** Strings of escapes and letters in turn, begun at each place among the 16 bytes that are looked at together. */
  function* escapedTexts(): Generator<string> {
    for (let lead = 0; lead < 16; lead++)
      for (const part of [
        "\\\\",
        "\\\\c",
        "\\\\cde",
        "\\n",
        "\\\\\\n",
        '\\"x',
        "\\u0041",
        "\\u0041\\\\",
        "abc\\t\\\\def",
      ])
        yield `{"id":"${"x".repeat(lead)}${part.repeat(20)}"}`;
  }

  test("it does not matter where its windows end", () => {
    for (const text of [
      ...seeds,
      `{"params":{"handle":"${"h".repeat(70)}","input":[${"-1.5e+30,".repeat(30)}true]}}`,
      ...escapedTexts(),
    ]) {
      const whole = spans(text);
      for (let first = 1; first <= text.length; first++) expect(spans(text, first)).toEqual(whole);
    }
    for (const bytes of mutations(5_000)) {
      const outcome = (first?: number) => {
        try {
          return scanner.scan(bytes, 0, bytes.length, first);
        } catch (error) {
          return String(error);
        }
      };
      const whole = outcome();
      for (const first of [1, 2, 3, 5, 8, 13]) expect(outcome(first), bytes.toString("latin1")).toBe(whole);
    }
  });
});

test("the compiled grammar is current: `npm run scanner`", async () => {
  const path = new URL("../../src/json/scanner/binary.ts", import.meta.url);
  expect(await readFile(path, "utf8")).toBe(await compiledGrammar());
}, 120_000);
