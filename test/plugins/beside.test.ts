// T4, T5, P7: a plugin finds what lies beside it: what plugin.json lists where its library is loaded, as it was listed, and
// everything by DLRPC_PLUGIN_DIR.

import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { data, modules } from "../../fixtures/beside.ts";
import { libraryName } from "../../fixtures/plugins.ts";
import { attempt } from "../support/confined.ts";
import { Host } from "../support/host.ts";
import { fixturesDirectory, plugin } from "../support/paths.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";
import { Swapper } from "../support/swapper.ts";

const library = libraryName("beside");
const files = [library, ...modules, data];
const editions = { first: plugin("beside"), second: plugin("beside-second") };
const profiles = ["none", "standard", "strict"];
const hashOf = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

/** Puts files of an edition into a plugin's directory, and lists them. @returns the directory */
function install(
  plugins: PluginDirectory,
  edition: keyof typeof editions,
  listed: readonly string[] = files,
  further: object = {},
): string {
  const path = plugins.directory("made");
  for (const file of files) {
    plugins.directory(join("made", dirname(file)));
    rmSync(join(path, file), { force: true });
    copyFileSync(join(editions[edition], file), join(path, file));
  }
  const sha256 = { ...Object.fromEntries(listed.map((file) => [file, hashOf(join(path, file))])), ...further };
  const manifest = { name: "beside", description: "Has files beside it", version: "1.0.0", abi_version: 1 };
  plugins.file("made/plugin.json", JSON.stringify(listed.length === 0 ? manifest : { ...manifest, sha256 }));
  return path;
}

const found = (edition: string) => ({
  dataByAddress: `words ${edition}`,
  moduleByAddress: `module ${edition}`,
  moduleByOrigin: `module ${edition}`,
});

async function outputOf(host: Host, handle: string): Promise<object> {
  return (await host.result("plugin/execute", { handle })).output;
}

test.each(profiles)(
  "T5: %s: what is listed lies beside the library, as it was, until it is loaded anew",
  async (profile) => {
    using plugins = new PluginDirectory();
    const path = install(plugins, "first");
    await using host = new Host({ trust: [plugins.path] });
    const { handle, warnings } = await host.result("plugin/load", { path, sandbox: { profile } });
    expect(warnings).toEqual([]);
    expect(await outputOf(host, handle)).toMatchObject({ ...found("first"), dataByVariable: "words first" });
    install(plugins, "second");
    process.kill((await host.result("plugin/list")).plugins[0].pid, "SIGKILL");
    await expect.poll(async () => (await host.result("plugin/list")).plugins[0].stats.restarts).toBe(1);
    expect(await outputOf(host, handle)).toMatchObject({ ...found("first"), dataByVariable: "words second" });
    await host.result("plugin/reload", { handle });
    expect(await outputOf(host, handle)).toMatchObject({ ...found("second"), dataByVariable: "words second" });
  },
);

test.each(profiles)("P7: %s: what is not listed is found by DLRPC_PLUGIN_DIR only", async (profile) => {
  using plugins = new PluginDirectory();
  const path = install(plugins, "first", []);
  await using host = new Host({ trust: [plugins.path] });
  const { handle } = await host.result("plugin/load", { path, sandbox: { profile } });
  expect(await outputOf(host, handle)).toMatchObject({
    directory: path,
    dataByAddress: expect.not.stringContaining("words"),
    moduleByAddress: "not opened",
    moduleByOrigin: "not opened",
    dataByVariable: "words first",
  });
});

describe("T5: what is listed is held to its hash", () => {
  test("a file that has another refuses the load", async () => {
    using plugins = new PluginDirectory();
    const path = install(plugins, "first");
    writeFileSync(join(path, data), "words forged");
    await using host = new Host({ trust: [plugins.path] });
    const { data: said } = await host.error("plugin/load", { path });
    expect(said).toMatchObject({ kind: "INTEGRITY_FAILED", path: join(path, data) });
  });

  test("one that is not there is a warning, and the others are there", async () => {
    using plugins = new PluginDirectory();
    const path = install(plugins, "first", files, { "other/system.dll": "0".repeat(64) });
    await using host = new Host({ trust: [plugins.path] });
    const { handle, warnings } = await host.result("plugin/load", { path });
    expect(warnings).toMatchObject([{ code: "LISTED_FILE_MISSING" }]);
    expect(await outputOf(host, handle)).toMatchObject(found("first"));
  });

  test("one that a link leads to is copied from where it leads; outside of what is trusted it is refused", async () => {
    using plugins = new PluginDirectory();
    const trusted = plugins.directory("trusted");
    const path = install(plugins, "first");
    for (const [place, kind] of [
      ["trusted/words", undefined],
      ["words", "UNTRUSTED_PATH"],
    ] as const) {
      const target = plugins.file(place, "words first");
      rmSync(join(path, data));
      symlinkSync(target, join(path, data));
      await using host = new Host({ trust: [trusted, path] });
      const { result, error } = await host.request("plugin/load", { path });
      expect(error?.data.kind).toBe(kind);
      if (result !== undefined) expect(await outputOf(host, result.handle)).toMatchObject(found("first"));
    }
  });

  test("swapped again and again while it is loaded, it is what is listed, or nothing is loaded", async () => {
    using plugins = new PluginDirectory();
    const path = install(plugins, "first");
    const target = join(path, data);
    const put = (from: string) =>
      [
        ["copyFileSync", from, `${target}.new`],
        ["renameSync", `${target}.new`, target],
      ] as const;
    await using host = new Host({ trust: [plugins.path] });
    await using _ = new Swapper([put(join(editions.second, data)), put(join(editions.first, data))]);
    const outcomes: string[] = [];
    while (outcomes.filter((outcome) => outcome === "words first").length < 3) {
      const { result, error } = await host.request("plugin/load", { path });
      outcomes.push(
        error?.data.kind ?? ((await outputOf(host, result.handle)) as { dataByAddress: string }).dataByAddress,
      );
      if (result !== undefined) await host.result("plugin/unload", { handle: result.handle });
    }
    for (const outcome of outcomes) expect(["words first", "INTEGRITY_FAILED"]).toContain(outcome);
  });

  test("where there is no place for copies the load is refused, and says what to do", async () => {
    using plugins = new PluginDirectory();
    const path = install(plugins, "first");
    const withhold = join(dirname(fixturesDirectory), "withhold");
    await using host = new Host({ through: [withhold, "directories"], trust: [plugins.path] });
    const { data: said, message } = await host.error("plugin/load", { path });
    expect([said.kind, message]).toEqual(["LIBRARY_LOAD_FAILED", expect.stringContaining(modules[0])]);
    expect(said.hint).toContain("TMPDIR");
  });
});

test("S3: strict: what is put in the place of the plugin's directory is not to be read, until it is loaded anew", async () => {
  using plugins = new PluginDirectory();
  const trusted = plugins.directory("trusted");
  const path = plugins.add("trusted/made", {
    library: "attack",
    as: [libraryName("attack")],
    manifest: { name: "attack" },
  });
  const outside = plugins.directory("outside");
  plugins.file("outside/secret", "");
  await using host = new Host({ trust: [trusted] });
  const { handle } = await host.result("plugin/load", { path, sandbox: { profile: "strict" } });
  const reach = (file: string) => attempt(host, handle, { do: "open_read", path: join(path, file) });
  expect(await reach("plugin.json")).toBe("done");
  renameSync(path, join(trusted, "aside"));
  symlinkSync(outside, path);
  expect(await reach("secret")).toBe("EACCES");
  expect(await attempt(host, handle, { do: "crash" })).toBe("SIGABRT");
  expect(await reach("secret")).toBe("EACCES");
  rmSync(path);
  mkdirSync(path);
  writeFileSync(join(path, "secret"), "");
  expect(await attempt(host, handle, { do: "crash" })).toBe("SIGABRT");
  expect(await reach("secret")).toBe("EACCES");
});
