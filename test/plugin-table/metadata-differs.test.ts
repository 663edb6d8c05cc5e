// A9: a library that calls itself otherwise than its plugin.json does.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { libraryName } from "../../fixtures/plugins.ts";
import { Host } from "../support/host.ts";
import { plugin } from "../support/paths.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";
import { run } from "../support/run.ts";
import { shareHost } from "../support/shared-host.ts";
import { TemporaryDirectory } from "../support/temporary-directory.ts";

const { name, version } = JSON.parse(readFileSync(join(plugin("counter"), "plugin.json"), "utf8"));

const root = new TemporaryDirectory();
afterAll(() => root[Symbol.dispose]());
/** What it trusts has no other counter. */
const shared = shareHost({ trust: [root.path] });

/** The warnings of a load of the counter's library under this plugin.json. */
async function warningsOf(manifest: { name: string; version: string }): Promise<unknown> {
  using plugins = new PluginDirectory(root);
  const path = plugins.add("counter", { manifest, as: [libraryName(manifest.name)] });
  return (await shared.host.result("plugin/load", { path })).warnings;
}

const warning = (message: string) => [
  { code: "METADATA_DIFFERS", severity: "warning", message, hint: expect.stringMatching(/plugin\.json/) },
];
const nameDiffers = `name is "made-up" in plugin.json and "${name}" in the library`;
const versionDiffers = `version is "9.8.7" in plugin.json and "${version}" in the library`;

test.each([
  ["the name", { name: "made-up", version }, warning(nameDiffers)],
  ["the version", { name, version: "9.8.7" }, warning(versionDiffers)],
  ["both, in one warning", { name: "made-up", version: "9.8.7" }, warning(`${nameDiffers}, ${versionDiffers}`)],
  ["nothing but what may differ", { name, version, description: "Another", author: "Somebody" }, []],
])("%s", async (_, manifest, expected) => {
  expect(await warningsOf(manifest)).toEqual(expected);
});

test("a long version is shown from its beginning", async () => {
  const [{ message }] = (await warningsOf({ name, version: `1.0.0-${"a".repeat(100_000)}` })) as [{ message: string }];
  expect(message).toMatch(/^version is "1\.0\.0-a+…" in plugin\.json and /);
  expect(message.length).toBeLessThan(1000);
});

test("a reload looks again, and what is not loaded cannot be asked", async () => {
  using plugins = new PluginDirectory();
  const path = plugins.add("counter", { manifest: { name, version } });
  await using host = new Host({ trust: [plugins.path] });
  const { handle, warnings } = await host.result("plugin/load", { path });
  expect(warnings).toEqual([]);

  const manifest = join(path, "plugin.json");
  writeFileSync(manifest, readFileSync(manifest, "utf8").replace(version, "9.8.7"));
  expect((await host.result("plugin/reload", { handle })).warnings).toEqual(warning(versionDiffers));
  expect((await host.result("plugin/validate", { path })).problems).toEqual([]);
  expect((await host.result("plugin/discover")).plugins).toMatchObject([{ path, problems: [] }]);
});

test("exec shows it", async () => {
  using plugins = new PluginDirectory();
  const path = plugins.add("made-up", { manifest: { version } });
  const { status, stderr } = await run(["exec", path]);
  expect([status, stderr.split("\n  ")[0]]).toEqual([0, `dlrpc: warn: METADATA_DIFFERS: ${nameDiffers}`]);
});
