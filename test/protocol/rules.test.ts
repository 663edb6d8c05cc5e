// Every rule of SPEC.md is held by a test or a conformance transcript that cites its number.

import { expect, test } from "vitest";
import { errorKinds } from "../../protocol/errors.ts";
import { hostNotifications, methods, notifications } from "../../protocol/methods.ts";
import { citations, summary } from "./citations.ts";
import { rules } from "./spec.ts";

test("every rule is cited by a test or a transcript", () => {
  const all = citations();
  const table = rules.map(({ number, added }) => {
    const cited = all.filter(({ rule }) => rule === number);
    return { number, row: `${number.padEnd(3)} ${added ? "+" : " "} ${summary(cited)}`, isCited: cited.length > 0 };
  });
  process.stdout.write(`\n${table.map(({ row }) => row).join("\n")}\n`);
  expect(table.filter(({ isCited }) => !isCited).map(({ number }) => number)).toEqual([]);
});

test("transcripts cite rules, errors and methods that exist", () => {
  const numbers = rules.map(({ number }) => number);
  const names = [errorKinds, methods, hostNotifications, notifications].flatMap((registry) => Object.keys(registry));
  const known = new Set([...numbers, ...names]);
  const cited = citations().filter(({ file }) => file.startsWith("protocol/"));
  const unknown = cited.filter(({ rule }) => !known.has(rule)).map(({ rule, name }) => `${rule}: ${name}`);
  expect(unknown).toEqual([]);
});
