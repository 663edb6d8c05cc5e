// A8: plugin.json of the Agent Plugins format: with a native part it is a native plugin, and without one no broken one.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Host } from "../support/host.ts";
import { PluginDirectory, type PluginOptions } from "../support/plugin-directory.ts";
import { run } from "../support/run.ts";
import { KeyDirectory } from "../support/signing.ts";

const $schema = "https://agent-plugins.org/schemas/1.0.0/plugin.schema.json";
/** All that the format allows, and nothing else. */
const portable = {
  $schema,
  name: "made",
  version: "1.0.0",
  description: "Made for a test",
  author: { name: "Ada", email: "ada@example.org" },
  keywords: ["a"],
  extensions: { "com.example.client": { abi_version: 7 } },
};
const native = "com.vtcode.native";

let plugins: PluginDirectory;
let host: Host;

beforeEach(() => {
  plugins = new PluginDirectory();
  host = new Host({ trust: [plugins.path] });
});

afterEach(async () => {
  await host[Symbol.asyncDispose]();
  plugins[Symbol.dispose]();
});

/** Adds a plugin with just this plugin.json. */
const add = (name: string, manifest: object, options: PluginOptions = {}) =>
  plugins.add(name, { manifest: JSON.stringify(manifest), ...options });

describe("A8: without a native part", () => {
  test.each([
    ["with all members", portable],
    ["with the least that it must have", { $schema, name: "made" }],
    ["of a later version", { ...portable, $schema: $schema.replace("1.0.0", "2.1.0"), other: {} }],
  ])("%s: it is listed as not native, has no other problem, and does not load", async (_, manifest) => {
    const path = add("made", manifest, { library: null });
    const good = plugins.add("other");
    const { plugins: found } = await host.result("plugin/discover");
    const problems = [
      { code: "NOT_NATIVE", severity: "warning", message: expect.any(String), hint: expect.any(String) },
    ];
    expect(found).toEqual([
      { path, library: null, metadata: null, permissions: null, valid: false, problems },
      expect.objectContaining({ path: good, valid: true }),
    ]);
    expect(await host.result("plugin/validate", { path })).toEqual({ valid: false, permissions: null, problems });
    const { data } = await host.error("plugin/load", { path });
    expect(data).toMatchObject({ kind: "INVALID_PLUGIN", plugin: "made", path, hint: expect.stringContaining(native) });
  });

  test("its name is left to a native plugin", async () => {
    add("made", portable, { library: null });
    const path = plugins.add("z", { manifest: { name: "made" }, as: ["libmade.so"] });
    expect((await host.result("plugin/load", { name: "made" })).path).toBe(path);
    expect(await host.result("plugin/validate", { path })).toMatchObject({ problems: [] });
  });

  test("another $schema, or one that is no text, makes a native plugin of it", async () => {
    for (const other of ["https://example.org/plugin.schema.json", `${$schema}/x`, 5, null]) {
      const path = add("made", { ...portable, $schema: other, author: "Ada" }, { library: null });
      const { problems } = await host.result("plugin/validate", { path });
      expect(problems.map(({ code }: { code: string }) => code)).toEqual(["ABI_VERSION_MISSING", "LIBRARY_NOT_FOUND"]);
    }
  });
});

describe("A8: with a native part", () => {
  const forms: Record<string, object> = {
    "at the top": { ...portable, abi_version: 1, when_to_use: "always", serial: 1 },
    "in its extension": {
      ...portable,
      extensions: { ...portable.extensions, [native]: { abi_version: 1, when_to_use: "always", serial: 1 } },
    },
    "in both, of which the top counts": {
      ...portable,
      when_to_use: "always",
      extensions: { [native]: { abi_version: 1, when_to_use: "never", name: "other", serial: 1 } },
    },
  };

  test.each(Object.entries(forms))("%s: it loads, and its metadata is as of any other", async (_, manifest) => {
    const path = add("made", manifest);
    const { plugins: found } = await host.result("plugin/discover");
    expect(found).toMatchObject([{ path, valid: true, problems: [], library: join(path, "libmade.so") }]);
    const { metadata } = found[0];
    expect(metadata).toMatchObject({ name: "made", version: "1.0.0", author: "Ada", abi_version: 1, serial: 1 });
    expect(metadata).toMatchObject({ when_to_use: "always", when_not_to_use: null, keywords: ["a"] });
    await host.result("plugin/load", { name: "made" });
  });

  test("M5: nothing in it is rounded, whatever names and texts there are", async () => {
    const extension = `{"abi_version":1,"serial":12345678901234567890,"\\u0061":-0,"author":"Bob"}`;
    const text = `\ufeff {"$schema":"${$schema}","name":"made","version":"1.0.0","description":"","author":{"name":5},"extensions":{"${native}":${extension}},"x":1e400}`;
    plugins.add("made", { manifest: text });
    const { text: answer } = await host.request("plugin/discover");
    expect(answer).toContain('"serial":12345678901234567890,"a":-0,"author":"Bob"');
    expect(answer).toContain('"x":1e400');
  });

  test("a library of its name is enough, and then no abi_version is a warning", async () => {
    const path = add("made", portable);
    const { warnings } = await host.result("plugin/load", { path });
    expect(warnings).toMatchObject([{ code: "ABI_VERSION_MISSING" }, { code: "METADATA_DIFFERS" }]);
  });

  test("what is wrong with it is an error as of any other", async () => {
    const extensions = { [native]: { abi_version: 2, thread_safe: "yes" } };
    const path = add("made", { $schema, name: "made", extensions }, { library: null });
    const { problems } = await host.result("plugin/validate", { path });
    expect(problems.map(({ code }: { code: string }) => code)).toEqual([
      "ABI_MISMATCH",
      "INVALID_PLUGIN",
      "LIBRARY_NOT_FOUND",
    ]);
    expect(problems[1].message).toMatch(/description: .*; version: .*; thread_safe: /);
  });

  test("an extension that is no object is none", async () => {
    for (const extensions of [5, [], { [native]: [] }, { [native]: null }]) {
      const path = add("made", { ...portable, extensions }, { library: null });
      expect((await host.result("plugin/validate", { path })).problems).toMatchObject([{ code: "NOT_NATIVE" }]);
    }
  });

  test("dlrpc sign adds its hashes at the top, where they count", async () => {
    using keys = new KeyDirectory();
    const pair = await keys.generate("k");
    const path = add("made", {
      ...portable,
      extensions: { [native]: { abi_version: 1, sha256: { "libmade.so": "0".repeat(64) } } },
    });
    expect((await run(["sign", path, "--key", pair.secret])).status).toBe(0);
    expect(Object.keys(JSON.parse(readFileSync(join(path, "plugin.json"), "utf8")).sha256)).toEqual(["libmade.so"]);
    expect((await run(["verify", path, "--key", pair.public])).status).toBe(0);
  });
});
