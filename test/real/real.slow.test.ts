// Real plugins, in many languages and on many libraries, do under every profile what they do in any program.

import { expect, test } from "vitest";
import { refusals } from "../../fixtures/real/refused.ts";
import { expectedOf } from "./expected.ts";
import { ordered, rows, Scene } from "./scene.ts";

const refusalOf = ({ name, profile }: (typeof rows)[number]) =>
  refusals.find((refusal) => refusal.plugin === name && refusal.profile === profile);

test.each(rows.filter((row) => refusalOf(row) === undefined))("$name, $profile: it is right", async (row) => {
  await using scene = await Scene.of(row.name, { profile: row.profile });
  const expected = await expectedOf(row.name, scene);
  for (const _ of ["first", "second"]) expect(await scene.call(expected)).toEqual(ordered(expected.outputs));
  expect(await scene.unload()).toMatchObject({ reason: "unload", exitCode: 0, signal: null });
});

const refused = rows.flatMap((row) => refusalOf(row) ?? []);

test.each(refused)("$plugin, $profile: refused, as is known ($why)", async ({ plugin, profile, seen }) => {
  await using scene = await Scene.of(plugin, { profile });
  const outcome = await scene.call(await expectedOf(plugin, scene), { timeoutMs: 10_000 });
  expect(outcome.map((one) => JSON.stringify(one)).join("\n")).toMatch(seen);
});

test.each(refused.filter(({ grants }) => grants))("$plugin, $profile: it is right with $grants", async (refusal) => {
  await using scene = await Scene.of(refusal.plugin, { profile: refusal.profile, ...refusal.grants });
  const expected = await expectedOf(refusal.plugin, scene);
  expect(await scene.call(expected)).toEqual(ordered(expected.outputs));
});
