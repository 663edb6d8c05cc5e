// Holds the conformance suite to the protocol: every rule that can be seen has its transcripts, every name its meaning.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { errorKinds } from "../../protocol/error-kinds.ts";
import { methods } from "../../protocol/methods.ts";
import { fileKinds, stepKinds } from "../../src/conformance/transcript/format.ts";
import { matcherNames } from "../../src/conformance/transcript/pattern.ts";
import { files, recipes, rules, suiteDirectory, transcripts } from "../support/conformance.ts";
import { projectRoot } from "../support/paths.ts";

const specification = readFileSync(join(projectRoot, "protocol", "SPEC.md"), "utf8");
const numbered = [...specification.matchAll(/^- \*\*([A-Z][0-9]+)\*\*/gm)].map(([, rule = ""]) => rule);
/** Methods that no number stands for. */
const methodNames = Object.keys(methods).filter((name) => name !== "initialize" && name !== "shutdown");

const cited = new Set(transcripts.flatMap((transcript) => transcript.rules));
const visible = rules.filter(({ invisible }) => invisible === undefined).map(({ rule }) => rule);
const invisible = rules.filter((rule) => rule.invisible === true);
const invisibleKinds = invisible.map(({ rule }) => rule).filter((rule) => Object.hasOwn(errorKinds, rule));

test("rules.json has the rules of the specification, the methods, and kinds of errors that cannot be brought forth", () => {
  const known = rules.map(({ rule }) => rule);
  expect(numbered.length).toBeGreaterThan(50);
  expect(known.filter((rule) => /^[A-Z][0-9]+$/.test(rule)).sort()).toEqual([...numbered].sort());
  expect(known.filter((rule) => !/^[A-Z][0-9]+$/.test(rule)).sort()).toEqual(
    [...methodNames, ...invisibleKinds].sort(),
  );
  expect(new Set(known).size).toBe(known.length);
});

test("every rule that can be seen on the wire has a transcript", () => {
  expect(visible.filter((rule) => !cited.has(rule))).toEqual([]);
});

test("what cannot be seen has a reason, and no transcript", () => {
  expect(invisible.filter(({ rule, unseen }) => unseen === undefined || cited.has(rule))).toEqual([]);
});

test("a transcript cites rules that there are", () => {
  const unknown = transcripts.filter((transcript) => transcript.rules.some((rule) => !visible.includes(rule)));
  expect(unknown.map(({ name, rules }) => ({ name, rules }))).toEqual([]);
});

test("no two transcripts have the same name", () => {
  const names = transcripts.map(({ name }) => name);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

test("every kind of error is expected by a transcript, or is said to be invisible", () => {
  const text = JSON.stringify(files);
  const missing = Object.keys(errorKinds).filter((kind) => !text.includes(`"kind":"${kind}"`));
  expect(missing.sort()).toEqual(invisibleKinds.sort());
});

test("every plugin is loaded by a transcript", () => {
  const text = JSON.stringify(files);
  expect(Object.keys(recipes).filter((name) => !text.includes(`/${name}"`) && !text.includes(`"${name}"`))).toEqual([]);
});

test("the documentation of the format knows every step, operation and matcher", () => {
  const readme = readFileSync(join(suiteDirectory, "README.md"), "utf8");
  for (const name of [...stepKinds, ...fileKinds]) expect(readme).toContain(`\`{"${name}": `);
  for (const name of matcherNames) expect(readme).toContain(`\`${name}\``);
});
