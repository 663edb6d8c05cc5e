// What the quick judgement by a plain schema lets pass, the full one does: random schemas and values, each judged by both.

import { dereference, type Schema, validate } from "@cfworker/json-schema";
import { expect, test } from "vitest";
import { RawJson } from "../../protocol/raw.ts";
import { PlainSchema } from "../../src/json/plain-schema.ts";

const raw = (text: string) => new RawJson(Buffer.from(text));
const fits = (schema: unknown, text: string) => PlainSchema.of(schema)?.fits(raw(text));

const isValid = (schema: object, text: string) => {
  const copy = structuredClone(schema) as Schema;
  return validate(JSON.parse(text), copy, "2020-12", dereference(copy), false).valid;
};

const city = {
  type: "object",
  title: "A city",
  properties: { name: { type: "string", description: "its name" }, size: { type: ["integer", "null"] }, any: {} },
  required: ["name"],
};

test.each([
  [city, '{"name":"Ulm"}', true],
  [city, '{ "name" : "" , "size" : 9007199254740993, "more" : [ { } ] }', false], // too long to be judged quickly
  [city, '{"name":"Ulm","size":126000,"any":[{}],"more":1}', true],
  [city, '{"name":"Ulm","size":null}', true],
  [city, '{"name":"Ulm","size":1.5}', false],
  [city, '{"name":"Ulm","size":1e3}', false], // is one, and the full judgement says so
  [city, '{"size":1}', false],
  [city, '{"name":1,"name":"the last counts"}', true],
  [city, '{"name":"the last counts","name":1}', false],
  [city, '{"n\\u0061me":"Ulm"}', false],
  [city, "[]", false],
  [{ ...city, additionalProperties: false }, '{"name":"Ulm"}', true],
  [{ ...city, additionalProperties: false }, '{"name":"Ulm","other":1}', false],
  [{ ...city, additionalProperties: false }, '{"name":"Ulm","any":{"other":1}}', true],
  [{ properties: { unit: { enum: ["C", "F", 1, null] } } }, '{"unit":"C"}', true],
  [{ properties: { unit: { enum: ["C", "F", 1, null] } } }, '{"unit":1.0}', true],
  [{ properties: { unit: { enum: ["C", "F", 1, null] } } }, '{"unit":"\\u0043"}', true],
  [{ properties: { unit: { enum: ["C", "F", 1, null] } } }, '{"unit":"K"}', false],
  [{ properties: { unit: { enum: ["C"] } } }, '{"unit":["C"]}', false],
  [{ properties: { ok: { type: "boolean" } } }, '{"ok":false}', true],
  [{ properties: { ok: { type: "number" } } }, '{"ok":-0.5e400}', true],
  [{}, "{}", true],
])("%j: %s: %s", (schema, text, expected) => {
  expect(fits(schema, text)).toBe(expected);
  if (expected) expect(isValid(schema, text)).toBe(true);
});

test.each([
  ...[true, { type: "string" }, { type: ["object"] }, { minProperties: 1 }, { additionalProperties: {} }],
  ...[{ $ref: "#/$defs/a" }, { properties: { a: { minLength: 1 } } }, { properties: { a: false } }],
  ...[{ properties: { a: { enum: [{}] } } }, { properties: { é: {} } }, { properties: { "": {} } }, { unknown: 1 }],
  { additionalProperties: false, required: ["a"] },
  { properties: Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`p${i}`, {}])) },
])("says too much to be judged quickly: %j", (schema) => expect(PlainSchema.of(schema)).toBeUndefined());

/** Numbers that look random and are the same each time. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test("20,000 of both", () => {
  const next = numbers(17);
  const pick = <T>(all: readonly T[]): T => all[next(all.length)] as T;
  const names = ["a", "b", "__proto__", "toString", "long name of 28 letters, all!", 'quo"te'];
  const values = [
    "1",
    "-0",
    "1.0",
    "1e2",
    "2.5",
    "12345678901234567890",
    '"x"',
    '"\\u0078"',
    "true",
    "null",
    "[]",
    "{}",
  ];
  const types = ["string", "number", "integer", "boolean", "null", "array", "object"];
  const member = () =>
    pick([
      () => ({}),
      () => true,
      () => ({ type: pick(types) }),
      () => ({ type: [pick(types), pick(types)], description: "d" }),
      () => ({ enum: [pick(values), pick(values), "x", 1, null].map((v) => (typeof v === "string" ? v : v)) }),
      () => ({ enum: ["x", 1, 100, null, true], type: pick(types) }),
    ])();
  let [passed, valid] = [0, 0];
  for (let round = 0; round < 20_000; round++) {
    const properties = JSON.parse(
      `{${names.filter(() => next(2) === 0).map((name) => `${JSON.stringify(name)}:${JSON.stringify(member())}`)}}`,
    );
    const schema = {
      ...pick([{}, { type: "object" }]),
      properties,
      ...pick([{}, { required: names.filter(() => next(4) === 0) }]),
      ...pick([{}, { additionalProperties: true }, { additionalProperties: false }]),
    };
    const keys = Array.from({ length: next(5) }, () => JSON.stringify(pick([...names, "other"])));
    const text = `{${keys.map((key) => `${key}:${pick(values)}`)}}`;
    const isFull = isValid(schema, text);
    if (isFull) valid++;
    if (fits(schema, text) !== true) continue;
    passed++;
    expect([schema, text, isFull]).toEqual([schema, text, true]);
  }
  expect(passed).toBeGreaterThan(1000);
  expect(valid).toBeGreaterThan(passed);
});
