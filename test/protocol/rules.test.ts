// Every rule of SPEC.md is held by a test or a conformance transcript that cites its number: docs/rules has them all.

import { expect, test } from "vitest";
import { citations } from "../../protocol/citations.ts";
import { errorKinds } from "../../protocol/error-kinds.ts";
import { hostNotifications, methods, notifications } from "../../protocol/methods.ts";
import { rules } from "./spec.ts";

test("every rule is cited by a test or a transcript", () => {
  const cited = new Set(citations().map(({ rule }) => rule));
  expect(rules.length).toBeGreaterThan(50);
  expect(rules.map(({ number }) => number).filter((number) => !cited.has(number))).toEqual([]);
});

test("transcripts cite rules, errors and methods that exist", () => {
  const numbers = rules.map(({ number }) => number);
  const names = [errorKinds, methods, hostNotifications, notifications].flatMap((registry) => Object.keys(registry));
  const known = new Set([...numbers, ...names]);
  const cited = citations().filter(({ file }) => file.startsWith("protocol/"));
  const unknown = cited.filter(({ rule }) => !known.has(rule)).map(({ rule, name }) => `${rule}: ${name}`);
  expect(unknown).toEqual([]);
});
