// S21: what the sandbox keeps real plugins from is explained by the grants that are known to be needed, and following what is
// explained makes them work.

import { expect, test } from "vitest";
import { type Refusal, refusals } from "../../fixtures/real/refused.ts";
import type { NeededGrants, Sandbox } from "../../protocol/messages.ts";
import { expectedOf } from "./expected.ts";
import { ordered, rows, Scene } from "./scene.ts";

/** Behind what is refused first, more may be; a plugin that asks for more and more is a mistake of the explanation. */
const MOST_ROUNDS = 6;

const explained = refusals.filter(
  ({ plugin, profile, grants }) =>
    grants !== undefined && rows.some((row) => row.name === plugin && row.profile === profile),
);

function together(one: Sandbox, other: NeededGrants): Sandbox {
  const read = [...new Set([...(one.read ?? []), ...(other.read ?? [])])];
  const write = [...new Set([...(one.write ?? []), ...(other.write ?? [])])];
  return { ...one, ...other, read, write };
}

/** Whether what is known to help is among what was granted, at least in part: an explanation grants less at a time. */
function isMet({ grants = {} }: Refusal, granted: Sandbox): boolean {
  const lies = (path: string, paths: readonly string[] = []) =>
    paths.some((one) => `${one}/`.startsWith(path === "~" ? "" : `${path}/`));
  const { read = [], write = [], network = false, exec = false } = grants;
  return (
    read.some((path) => lies(path, [...(granted.read ?? []), ...(granted.write ?? [])])) === read.length > 0 &&
    write.every((path) => lies(path, granted.write)) &&
    (!network || granted.network === true) &&
    (!exec || granted.exec === true)
  );
}

test.each(explained)("$plugin, $profile: what is explained makes it right ($grants)", async (refusal) => {
  const { plugin, profile } = refusal;
  let granted: Sandbox = { profile };
  for (let round = 0; round < MOST_ROUNDS; round++) {
    await using scene = await Scene.of(plugin, { ...granted, explain: true });
    const expected = await expectedOf(plugin, scene);
    const outputs = await scene.call(expected, { timeoutMs: 60_000 });
    if (JSON.stringify(outputs) === JSON.stringify(ordered(expected.outputs))) break;
    const { grants } = (await scene.host.result("plugin/list")).plugins[0].explained;
    granted = together(granted, scene.forHome(grants));
  }
  expect(granted).toSatisfy((sandbox: Sandbox) => isMet(refusal, sandbox));
  await using scene = await Scene.of(plugin, granted);
  const expected = await expectedOf(plugin, scene);
  expect(await scene.call(expected)).toEqual(ordered(expected.outputs));
});
