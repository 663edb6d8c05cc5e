// The comparison of what came with what a transcript expects, and the mistakes that a transcript can hold.

import { describe, expect, test } from "vitest";
import { JsonValue } from "../../src/conformance/checks/json-value.ts";
import { mismatch } from "../../src/conformance/checks/match.ts";
import { OutputReader } from "../../src/conformance/server/output-reader.ts";
import { readTranscripts } from "../../src/conformance/transcript/format.ts";
import { Variables } from "../../src/conformance/transcript/variables.ts";

const compare = (pattern: never, json: string) => mismatch(pattern, JsonValue.read(Buffer.from(json)), new Map());

describe("a pattern", () => {
  test.each([
    [1, "1.0", "1.5"],
    ["a", '"\\u0061"', '"b"'],
    [null, "null", "0"],
    [{ a: 1 }, '{"b":2,"a":1}', '{"b":2}'],
    [{ a: 1 }, '{"a":2,"a":1}', "[1]"],
    [{}, "{}", "null"],
    [[1, 2], "[1,2]", "[1,2,3]"],
    [{ $type: "integer" }, "3", "3.5"],
    [{ $type: ["string", "null"] }, "null", "{}"],
    [{ $regex: "^a+$" }, '"aa"', '"ab"'],
    [{ $regex: ["a", "b"] }, '"ba"', '"a"'],
    [{ $raw: "1.0" }, "1.0", "1"],
    [{ $raw: '{"a":[1," x "]}' }, '{ "a" : [ 1 ,\t" x " ] }', '{"a":[1,"x"]}'],
    [{ $raw: '"\\u0061"' }, '"\\u0061"', '"a"'],
    [{ $exact: { a: 1 } }, '{"a":1}', '{"a":1,"b":2}'],
    [{ $exact: { a: 1 } }, '{"a":1}', '{"a":1,"a":1}'],
    [{ $anyOrder: [1, 2] }, "[2,1]", "[1,1]"],
    [{ $anyOrder: [1, 2] }, "[2,1]", "[1,2,3]"],
    [{ $contains: [{ a: 1 }, { b: 2 }] }, '[0,{"b":2},{"a":1}]', '[{"a":1}]'],
    [{ $each: { a: 1 } }, '[{"a":1},{"a":1,"b":2}]', '[{"a":1},{}]'],
    [{ $oneOf: [1, "x"] }, '"x"', "2"],
    [{ $not: { a: 1 } }, '{"a":2}', '{"a":1}'],
    [{ $type: "number", $min: 1, $max: 2 }, "1.5", "2.5"],
    [{ a: { $absent: true } }, '{"b":1}', '{"a":null}'],
  ] as [never, string, string][])("%j fits %s and not %s", (pattern, fitting, other) => {
    expect(compare(pattern, fitting)).toBeUndefined();
    expect(compare(pattern, other)).toMatchObject({ found: expect.any(String), needed: expect.any(String) });
  });

  test("says where it does not fit", () => {
    const found = compare({ a: [1, { b: 2 }] } as never, '{"a":[1,{"b":3}]}');
    expect(found).toEqual({ path: "a.1.b", found: "3", needed: "2" });
  });

  test("captures what it is told to", () => {
    const captures = new Map();
    const pattern = {
      a: { $capture: "a", $type: "string" },
      b: { $anyOrder: [{ $type: "null" }, { $min: 2, $capture: "b" }] },
    };
    expect(mismatch(pattern, JsonValue.read(Buffer.from('{"a":"x","b":[5,null]}')), captures)).toBeUndefined();
    expect([...captures]).toEqual([
      ["a", "x"],
      ["b", 5],
    ]);
  });
});

describe("variables", () => {
  const variables = new Variables({ DIR: "/d", name: 'a"b' });
  variables.set("pid", 7);

  test("are values, text or JSON text", () => {
    expect(
      variables.expand({
        a: [`\${pid}`, `\${pid}/\${DIR}`, `\${json:name}`, `$\${x`],
        $raw: { repeat: `\${pid}`, times: 3 },
      }),
    ).toEqual({
      a: [7, "7//d", '"a\\"b"', `$\${x`],
      $raw: "777",
    });
    expect(variables.expandPieces([`\${length}\${DIR}`, { base64: "/w==" }], { length: "3" })).toEqual(
      Buffer.from("3/d\xff", "latin1"),
    );
  });

  test("that nothing has set are a mistake of the transcript", () => {
    expect(() => variables.expand(`\${handle}`)).toThrow(
      `uses \${handle}, which nothing has set; there are DIR, name, pid`,
    );
  });
});

describe("a transcript that is not in order", () => {
  const read = (change: object) =>
    readTranscripts("x.json", {
      section: "x",
      transcripts: [{ name: "n", rules: ["W1"], steps: [{ close: "stdin" }], ...change }],
    });

  test.each([
    [{ rules: [] }, "transcripts.0.rules"],
    [{ steps: [{ sned: "x" }] }, "transcripts.0.steps.0: one of send, message"],
    [{ steps: [{ expect: {}, tiems: 2 }] }, "transcripts.0.steps.0.tiems: unknown member (did you mean `times`?)"],
    [{ steps: [{ close: "stdni" }] }, "transcripts.0.steps.0.close"],
    [{ steps: [{ expect: { id: { $regexp: "x" } } }] }, "$regexp: unknown member (did you mean `$regex`?)"],
    [{ steps: [{ expect: { $type: "strnig" } }] }, "$type"],
    [
      { steps: [{ files: [{ chmod: "x", mode: "999" }] }] },
      "transcripts.0.steps.0.files.0.mode: must be three or four octal digits",
    ],
    [{ framing: "line" }, "transcripts.0.framing"],
  ])("%j", (change, says) => {
    expect(() => read(change)).toThrow(says);
  });
});

describe("what a server writes is cut into messages", () => {
  const cut = (framing: "lines" | "headers", text: string, chunk: number) => {
    const bytes = Buffer.from(text);
    const messages: string[] = [];
    const reader = new OutputReader(framing, ({ body, problem }) => messages.push(problem ?? body.toString()));
    for (let at = 0; at < bytes.length; at += chunk) reader.push(bytes.subarray(at, at + chunk));
    reader.end();
    return messages;
  };

  test.each([1, 3, 1000])("in chunks of %i", (chunk) => {
    expect(cut("lines", '{"a":"é"}\n[]\n', chunk)).toEqual(['{"a":"é"}', "[]"]);
    const headers = 'Content-Length: 10\r\n\r\n{"a":"é"}content-type: x\ncontent-length:2\n\n[]';
    expect(cut("headers", headers, chunk)).toEqual(['{"a":"é"}', "[]"]);
  });

  test("and what is none is said to be none", () => {
    expect(cut("lines", "log\n{}\n", 2)).toEqual([expect.stringContaining("not JSON"), "{}"]);
    expect(cut("lines", "{}\n{", 2)).toEqual(["{}", "the output ends inside a message"]);
    expect(cut("headers", "Content-Type: x\r\n\r\n{}", 5)).toEqual(["a header without Content-Length"]);
    expect(cut("headers", "x".repeat(10_000), 100)).toEqual(["no header ends within 8192 bytes"]);
    expect(cut("headers", "Content-Length: 5\r\n\r\n{}", 5)).toEqual(["the output ends inside a message"]);
  });
});
