// What plugin.json says of a plugin as a tool: what is taken, and what is warned of.

import { expect, test } from "vitest";
import { PluginDirectory } from "../support/plugin-directory.ts";
import { shareHost } from "../support/shared-host.ts";
import { bad, good } from "../support/tool-manifests.ts";

const shared = shareHost();

/** The warning about these members; undefined where there is none. The plugin is valid all the same. */
async function warningOf(manifest: object): Promise<string | undefined> {
  using directory = new PluginDirectory(shared.trusted);
  const path = directory.add("made-up", { manifest });
  const { valid, problems } = await shared.host.result("plugin/validate", { path });
  expect([valid, problems.length < 2]).toEqual([true, true]);
  const [problem] = problems;
  if (problem !== undefined) expect(problem).toMatchObject({ code: "TOOL_NOT_UNDERSTOOD", severity: "warning" });
  return problem?.message;
}

test.each(Object.entries(good))("A10, A11: taken are %s", async (_, manifest) => {
  expect(await warningOf(manifest)).toBeUndefined();
});

test.each(bad)("A10, A11: of a wrong form is %j", async (manifest, message) => {
  expect(await warningOf(manifest)).toMatch(message);
});
