// Plugin ABI v1, rule by rule. How loads fail is in load-errors.test.ts (A7, and more of A2).

import { existsSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lacks } from "../../fixtures/tools.ts";
import { FrameKind } from "../../native/frames/frames.ts";
import { libraryNames } from "../../src/plugins/libraries/library-name.ts";
import { HandWorker } from "../support/hand-worker.ts";
import { Host, type Message } from "../support/host.ts";
import { plugin } from "../support/paths.ts";
import { libraryOf, PluginDirectory } from "../support/plugin-directory.ts";
import { shareHost } from "../support/shared-host.ts";

const shared = shareHost();

describe("A1: the library's name", () => {
  const candidates = ["libmy-own-plugin.so", "libmy_own_plugin.so", "my-own-plugin.so", "my_own_plugin.so"];

  test("each candidate in its order, then LIBRARY_NOT_FOUND with all that was tried", async () => {
    using plugins = new PluginDirectory(shared.trusted);
    const path = plugins.add("my-own-plugin", { as: candidates });
    const { host } = shared;
    for (const candidate of candidates) {
      const library = join(path, candidate);
      expect(await host.result("plugin/load", { path })).toMatchObject({ library });
      rmSync(library);
    }
    const { data } = await host.error("plugin/load", { path });
    expect(data).toMatchObject({ kind: "LIBRARY_NOT_FOUND", tried: candidates, path, plugin: "my-own-plugin" });
  });

  test("it follows plugin.json's name, not the directory's", async () => {
    using plugins = new PluginDirectory(shared.trusted);
    const path = plugins.add("directory", { manifest: { name: "called" }, as: ["libdirectory.so", "called.so"] });
    const { host } = shared;
    expect(await host.result("plugin/load", { path })).toMatchObject({ library: join(path, "called.so") });
  });

  test("a link that leads nowhere does not exist", async () => {
    using plugins = new PluginDirectory(shared.trusted);
    const path = plugins.add("made", { as: ["made.so"] });
    symlinkSync("nowhere", join(path, "libmade.so"));
    const { host } = shared;
    expect(await host.result("plugin/load", { path })).toMatchObject({ library: join(path, "made.so") });
  });

  test.skipIf(!existsSync(plugin("word-count")))("as Cargo writes it", async () => {
    const { host } = shared;
    const { library, handle } = await host.result("plugin/load", { path: plugin("word-count") });
    expect(library).toBe(join(plugin("word-count"), "libword_count.so"));
    expect(await host.result("plugin/execute", { handle, input: { text: "a b" } })).toMatchObject({ success: true });
  });

  test.each<[NodeJS.Platform, string[]]>([
    ["linux", ["liba-b.so", "liba_b.so", "a-b.so", "a_b.so"]],
    ["darwin", ["liba-b.dylib", "liba_b.dylib", "a-b.dylib", "a_b.dylib"]],
    ["win32", ["a-b.dll", "a_b.dll", "liba-b.dll", "liba_b.dll"]],
  ])("on %s", (platform, names) => {
    expect(libraryNames("a-b", platform)).toEqual(names);
  });
});

describe("A2: abi_version", () => {
  test.each([{}, { abi_version: 1 }])("in plugin.json: %o is version 1", async (manifest) => {
    using plugins = new PluginDirectory(shared.trusted);
    const path = plugins.add("made", { manifest });
    const { host } = shared;
    expect(await host.result("plugin/load", { path })).toMatchObject({ abiVersion: 1 });
  });

  test.each([0, 2, 1.5, -1])("in plugin.json: %d is ABI_MISMATCH", async (actual) => {
    using plugins = new PluginDirectory(shared.trusted);
    const path = plugins.add("made", { manifest: { abi_version: actual } });
    const { host } = shared;
    const { code, data } = await host.error("plugin/load", { path });
    expect([code, data]).toMatchObject([-32007, { kind: "ABI_MISMATCH", expected: 1, actual, path }]);
  });

  test.each(["hello-world", "echo"])("in the metadata: absent or 1 (%s)", async (name) => {
    const { host } = shared;
    const { metadata } = await host.result("plugin/load", { path: plugin(name) });
    expect(metadata.abi_version).toBe(1);
  });
});

describe("A3: plugin.json", () => {
  /** The codes of the warnings that a load gives, but that its library, the counter's, calls itself otherwise (A9). */
  async function warnings(manifest: object | string | Buffer): Promise<string[]> {
    using plugins = new PluginDirectory(shared.trusted);
    const path = plugins.add("made", { manifest, as: ["libmade.so", "Made.So.so", "made_up.so"] });
    const { host } = shared;
    const { warnings } = await host.result("plugin/load", { path });
    const codes: string[] = warnings.map(({ code }: { code: string }) => code);
    return codes.filter((code) => code !== "METADATA_DIFFERS");
  }

  test("may begin with a BOM", async () => {
    expect(await warnings('\ufeff{"name":"made","description":"","version":"1.0.0","abi_version":1}')).toEqual([]);
  });

  test("may have white space around it and members nested deeper than a stack is", async () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    expect(
      await warnings(`\r\n\t {"name":"made","description":"","version":"1.0.0","abi_version":1,"x":${deep}} \n`),
    ).toEqual([]);
  });

  test.each(["Made.So", "made_up"])("a name such as %s is a warning", async (name) => {
    expect(await warnings({ name })).toEqual(["NAME_NOT_PLAIN"]);
  });

  test("a description over 1024 characters is a warning; a character counts once, whatever its bytes", async () => {
    expect(await warnings({ description: "😀".repeat(1024) })).toEqual([]);
    expect(await warnings({ description: "😀".repeat(1025) })).toEqual(["DESCRIPTION_TOO_LONG"]);
  });

  test.each(["1", "1.0", "v1.0.0", "01.0.0", "1.0.0.0", "", "1.0.0-", "1.0.0-01"])(
    "the version `%s` is a warning",
    async (version) => {
      expect(await warnings({ version })).toEqual(["VERSION_NOT_SEMVER"]);
    },
  );

  test.each(["0.0.0", "1.2.3-rc.1+build.05", "1.0.0-0a.-"])("the version %s is semantic", async (version) => {
    expect(await warnings({ version })).toEqual([]);
  });

  test("A2: no abi_version is a warning, as VT Code's own loader refuses that", async () => {
    expect(await warnings({ abi_version: undefined })).toEqual(["ABI_VERSION_MISSING"]);
    expect(await warnings('{"name":"made","description":"","version":"1.0.0"}')).toEqual(["ABI_VERSION_MISSING"]);
  });

  test("all warnings together", async () => {
    const manifest = { name: "Made.So", description: "x".repeat(2000), version: "new" };
    expect(await warnings(manifest)).toEqual(["NAME_NOT_PLAIN", "DESCRIPTION_TOO_LONG", "VERSION_NOT_SEMVER"]);
  });

  test("unknown members are kept, as they were written", async () => {
    using plugins = new PluginDirectory();
    plugins.add("made", {
      manifest: '{"name":"made","x":12345678901234567890,"description":"","__proto__":[],"version":"1.0.0"}',
    });
    await using host = new Host({ trust: [plugins.path] });
    const { text } = await host.request("plugin/discover");
    expect(text).toContain(
      '{"name":"made","x":12345678901234567890,"description":"","__proto__":[],"version":"1.0.0",',
    );
  });
});

test("A4: error may be missing, then it is null", async () => {
  await using host = new Host();
  const handle = await host.load("hostile");
  const { text } = await host.request("plugin/execute", { handle, input: { do: "answer_without_error" } });
  expect(text).toContain('"result":{"success":true,"output":{"n":12345678901234567890},"files":[],"error":null}');
});

describe("A5: every string is freed exactly once, on the thread that made the call", () => {
  const run = (host: Host, handle: string, what: string): Promise<Message> =>
    host.request("plugin/execute", { handle, input: { do: what } });

  /** Metadata and `earlier` strings; the one that says so is not freed yet. */
  const allFreed = (earlier: number) => ({ returned: earlier + 1, freed: earlier + 1, freedElsewhere: 0 });

  test("metadata and results, also those that cannot be decoded", async () => {
    await using host = new Host();
    const handle = await host.load("counts-frees");
    expect((await run(host, handle, "counts")).result.output).toEqual(allFreed(0));
    const undecodable = ["answer_latin1", "answer_not_json", "answer_array", "answer_no_success", "answer_empty"];
    for (const what of undecodable) expect((await run(host, handle, what)).error?.data.kind).toBe("INVALID_RESULT");
    expect((await run(host, handle, "answer_null")).error?.data.kind).toBe("INVALID_RESULT"); // nothing to be freed
    await run(host, handle, "answer_failure");
    expect((await run(host, handle, "counts")).result.output).toEqual(allFreed(undecodable.length + 2));
  });

  test("results that are too long to be taken", async () => {
    await using host = new Host({ args: ["--max-message-bytes=170"] });
    const { handle } = await host.result("plugin/load", { name: "counts-frees" });
    const { error } = await run(host, handle, "answer_numbers");
    expect(error).toMatchObject({
      message: /a string of \d+ bytes, at most 170 are taken/,
      data: { kind: "INVALID_RESULT" },
    });
    expect((await run(host, handle, "counts")).result.output).toEqual(allFreed(1));
  });

  test("results of calls on many threads", async () => {
    await using host = new Host({ args: ["--concurrency=4"] });
    const handle = await host.load("counts-frees-thread-safe");
    await Promise.all(Array.from({ length: 200 }, () => run(host, handle, "answer_failure")));
    expect((await run(host, handle, "counts")).result.output).toEqual(allFreed(200));
  });

  test.each([
    ["metadata-latin1", 1],
    ["metadata-not-json", 1],
    ["metadata-incomplete", 1],
    ["metadata-abi-2", 1],
    ["metadata-null", 0],
  ])("metadata that the load fails for: %s", async (name, times) => {
    await using worker = new HandWorker(); // dlrpc would end it as soon as it knows that they are of no use
    worker.send(FrameKind.load, 0, `${libraryOf(name)}\0`);
    const { stderr, status } = await worker.finish();
    expect(stderr.match(/^freed: /gm) ?? []).toHaveLength(times);
    expect(status).toBe(0);
  });
});

test.skipIf(lacks("c++"))(
  "A6: a plugin that cannot free: what it returned is copied before its next call",
  async () => {
    await using host = new Host({ args: ["--concurrency=1"] });
    const handle = await host.load("thread-local");
    const calls = Array.from({ length: 20 }, () => host.result("plugin/execute", { handle }));
    const numbers = (await Promise.all(calls)).map(({ output }) => output.calls);
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  },
);
