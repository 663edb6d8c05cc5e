// What is recognised without the schemas is what they accept, as it is.

import { expect, test } from "vitest";
import type * as z from "zod/mini";
import { PluginMetadata } from "../../protocol/abi.ts";
import {
  emptyForm,
  type FastForm,
  indexedParams,
  initializeForm,
  loadForm,
  matchesForm,
  matchesKnown,
  metadataForm,
} from "../../protocol/fast-path.ts";
import { EmptyParams, ExecuteParams, InitializeParams, LoadParams } from "../../protocol/messages.ts";
import { RawJson } from "../../protocol/raw.ts";

const values: readonly unknown[] = [
  ...[0, 1, 2, -1, 1.5, 2 ** 31 - 1, 2 ** 31, 2 ** 53, Number.MAX_VALUE],
  ...["", "a", "a-b.c", "../a", "1", "x".repeat(65), true, false, null],
  ...[[], ["a"], [""], ["a", 1], [null], {}, { name: "a" }, { name: "a", version: "1" }, { name: 1 }, { version: "1" }],
  ...[
    { name: "a", other: 1 },
    { name: "a", version: null },
    RawJson.from({ a: 1 }),
    RawJson.from([1]),
    RawJson.from("a"),
  ],
];
const whole = { name: "a", description: "b", version: "c" };

const forms: [string, z.ZodMiniObject, FastForm, object, typeof matchesForm][] = [
  ["initialize", InitializeParams, initializeForm, {}, matchesForm],
  ["plugin/load", LoadParams, loadForm, {}, matchesForm],
  ["what has no params", EmptyParams, emptyForm, {}, matchesForm],
  ["metadata", PluginMetadata, metadataForm, whole, (value, form) => matchesKnown(value as object, form)],
];
test.each(forms)(
  "what is recognised of %s is accepted by its schema, as it is",
  (_, schema, form, base, recognises) => {
    let recognised = 0;
    const judge = (value: object) => {
      if (!recognises(value, form)) return;
      recognised++;
      expect(schema.safeParse(value)).toEqual({ success: true, data: value });
    };
    judge({});
    judge(base);
    for (const key of [...Object.keys(schema.shape), "unknown"]) {
      for (const value of values) judge(Object.defineProperty({ ...base }, key, { value, enumerable: true }));
      judge(Object.fromEntries(Object.entries(base).filter(([name]) => name !== key)));
    }
    expect(recognised).toBeGreaterThan(Object.keys(form.members).length);
  },
);

test("what is indexed are the params of plugin/execute", () => {
  expect([...indexedParams].sort()).toEqual(Object.keys(ExecuteParams.shape).sort());
});
