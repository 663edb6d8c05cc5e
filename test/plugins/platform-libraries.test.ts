// A13: a plugin for several platforms has the libraries for each in lib/PLATFORM-ARCH/.

import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { data, modules } from "../../fixtures/beside.ts";
import { libraryName } from "../../fixtures/plugins.ts";
import { Host } from "../support/host.ts";
import { plugin } from "../support/paths.ts";
import { libraryOf, PluginDirectory } from "../support/plugin-directory.ts";
import { run } from "../support/run.ts";
import { KeyDirectory, signPlugin } from "../support/signing.ts";

const here = `${process.platform}-${process.arch}`;
const others = ["darwin-arm64", "win32-x64"];
const ownDirectory = `lib/${here}`;
const hashOf = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");
// biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what a test checks
const codesOf = (findings: any[]) => findings.map(({ code }) => code);

/** A plugin called `counter` with libraries for other platforms, which no loader here would take. */
function forOthers(plugins: PluginDirectory, manifest: object = {}): string {
  const path = plugins.add("counter", { library: null, manifest });
  putLibrary(plugins, "lib/darwin-arm64/libcounter.dylib", "for macOS");
  putLibrary(plugins, "lib/win32-x64/counter.dll", "for Windows");
  return path;
}

/** @param content default: a library for this machine @returns its path */
function putLibrary(plugins: PluginDirectory, name: string, content?: string): string {
  const path = join(plugins.path, "counter", name);
  plugins.directory("counter/lib");
  plugins.directory(join("counter", dirname(name)));
  if (content === undefined) copyFileSync(libraryOf("counter"), path);
  else writeFileSync(path, content);
  chmodSync(path, 0o755);
  return path;
}

describe("A13: where the library is looked for", () => {
  test("in the platform's own directory first, by each name of A1, then at the top", async () => {
    using plugins = new PluginDirectory();
    const path = plugins.add("counter", { as: ["counter.so"] });
    const places = [
      putLibrary(plugins, `${ownDirectory}/libcounter.so`),
      putLibrary(plugins, `${ownDirectory}/counter.so`),
      join(path, "counter.so"),
    ];
    await using host = new Host({ trust: [plugins.path] });
    for (const library of places) {
      expect(await host.result("plugin/load", { name: "counter" })).toMatchObject({ library, warnings: [] });
      const [found] = (await host.result("plugin/discover")).plugins;
      expect(found).toMatchObject({ library, valid: true, problems: [] });
      rmSync(library);
    }
  });

  test("one that has libraries for other platforms only says for which", async () => {
    using plugins = new PluginDirectory();
    const path = forOthers(plugins);
    plugins.file("counter/libcounter.dylib", "at the top");
    await using host = new Host({ trust: [plugins.path] });
    const { message, data: said } = await host.error("plugin/load", { path });
    expect(message).toBe(
      `${path} holds none of libcounter.so, counter.so, neither itself nor in ${ownDirectory}; it has libraries for ${others.join(", ")}, darwin`,
    );
    expect(said).toMatchObject({ kind: "LIBRARY_NOT_FOUND", tried: ["libcounter.so", "counter.so"] });
    const { valid, problems } = await host.result("plugin/validate", { path });
    expect([valid, problems]).toMatchObject([false, [{ code: "LIBRARY_NOT_FOUND", message }]]);
  });

  test("what is called otherwise than platforms are, a file and a link that leads nowhere are no such directory", async () => {
    using plugins = new PluginDirectory();
    const path = plugins.add("counter", { library: null });
    putLibrary(plugins, "lib/python-3.11/libcounter.so");
    putLibrary(plugins, `lib/${here}-debug/libcounter.so`);
    symlinkSync("nowhere", join(path, ownDirectory));
    await using host = new Host({ trust: [plugins.path] });
    const { message } = await host.error("plugin/load", { path });
    expect(message).toMatch(/neither itself nor in lib\/[a-z0-9-]+$/);
    rmSync(join(path, "lib"), { recursive: true });
    plugins.file("counter/lib", "a file");
    expect((await host.error("plugin/load", { path })).data).toMatchObject({ kind: "LIBRARY_NOT_FOUND" });
  });

  test("without a plugin.json of use the one library there is looked into", async () => {
    using plugins = new PluginDirectory();
    const path = plugins.add("counter", { library: null, manifest: "{}" });
    putLibrary(plugins, `${ownDirectory}/libcalled-otherwise.so`, "no library");
    await using host = new Host({ trust: [plugins.path] });
    const { problems } = await host.result("plugin/validate", { path });
    expect(codesOf(problems)).toContain("LIBRARY_LOAD_FAILED");
  });

  test("A8: an Agent Plugin with a library of its name for other platforms is a native one", async () => {
    using plugins = new PluginDirectory();
    const path = forOthers(plugins, {
      $schema: "https://agent-plugins.org/schemas/1.0.0/plugin.schema.json",
      abi_version: undefined,
    });
    await using host = new Host({ trust: [plugins.path] });
    expect((await host.error("plugin/load", { path })).data).toMatchObject({ kind: "LIBRARY_NOT_FOUND" });
  });
});

describe("A13: what lies beside it", () => {
  /** The plugin `beside`, all of it in the platform's directory but for its data, and listed with files of others. */
  function install(plugins: PluginDirectory, forged: string): string {
    const path = plugins.directory("counter");
    const from = plugin("beside");
    const files = [libraryName("beside"), ...modules].map((name) => [name, `${ownDirectory}/${name}`] as const);
    for (const [name, place] of [...files, [data, `${ownDirectory}/${data}`] as const]) {
      mkdirSync(dirname(join(path, place)), { recursive: true, mode: 0o755 });
      copyFileSync(join(from, name), join(path, place));
    }
    const sha256 = Object.fromEntries(
      [...files.map(([, place]) => place), `${ownDirectory}/${data}`].map((place) => [
        place,
        hashOf(join(path, place)),
      ]),
    );
    putLibrary(plugins, "lib/darwin-arm64/libbeside.dylib", forged);
    sha256["lib/darwin-arm64/libbeside.dylib"] = createHash("sha256").update("for macOS").digest("hex");
    sha256["lib/win32-x64/beside.dll"] = "0".repeat(64);
    const manifest = { name: "beside", description: "Has files beside it", version: "1.0.0", abi_version: 1, sha256 };
    plugins.file("counter/plugin.json", JSON.stringify(manifest));
    return path;
  }

  test.each(["none", "strict"])(
    "%s: modules and data are copied along; what is for other platforms is neither looked at nor missed",
    async (profile) => {
      using plugins = new PluginDirectory();
      const path = install(plugins, "forged");
      await using host = new Host({ trust: [plugins.path] });
      const { handle, warnings, library } = await host.result("plugin/load", { path, sandbox: { profile } });
      expect([library, warnings]).toEqual([join(path, ownDirectory, libraryName("beside")), []]);
      expect((await host.result("plugin/execute", { handle })).output).toMatchObject({
        moduleByAddress: "module first",
        moduleByOrigin: "module first",
        dataByAddress: "words first",
      });
    },
  );

  test("validate holds those to their hashes, too", async () => {
    using plugins = new PluginDirectory();
    await using host = new Host({ trust: [plugins.path] });
    const path = install(plugins, "forged");
    const forged = (await host.result("plugin/validate", { path })).problems;
    expect(codesOf(forged)).toEqual(["INTEGRITY_FAILED", "LISTED_FILE_MISSING"]);
    const good = (await host.result("plugin/validate", { path: install(plugins, "for macOS") })).problems;
    expect(codesOf(good)).toEqual(["LISTED_FILE_MISSING"]);
  });

  test("T5: a list without it: a library put there does not come in before the listed one at the top", async () => {
    using plugins = new PluginDirectory();
    const sha256 = { "libcounter.so": hashOf(libraryOf("counter")) };
    const path = plugins.add("counter", { manifest: { sha256 } });
    putLibrary(plugins, `${ownDirectory}/libcounter.so`);
    await using host = new Host({ trust: [plugins.path] });
    const { message, data: said } = await host.error("plugin/load", { path });
    expect(said.kind).toBe("INTEGRITY_FAILED");
    expect(message).toContain(`none of ${ownDirectory}/libcounter.so`);
  });
});

describe("A13: the directories on the way", () => {
  test.each(["lib", ownDirectory])("T3: others may write to %s", async (name) => {
    using plugins = new PluginDirectory();
    const path = plugins.add("counter", { library: null });
    putLibrary(plugins, `${ownDirectory}/libcounter.so`);
    chmodSync(join(path, name), 0o777);
    await using lenient = new Host({ trust: [plugins.path] });
    const { warnings } = await lenient.result("plugin/load", { path });
    expect(warnings).toMatchObject([{ code: "WRITABLE_BY_OTHERS" }]);
    expect(warnings[0].message).toContain(`${join(path, name)} may be written to`);
    await using strict = new Host({ trust: [plugins.path], args: ["--strict-permissions"] });
    expect((await strict.error("plugin/load", { path })).data.kind).toBe("UNTRUSTED_PATH");
  });

  test.each(["lib", ownDirectory])("T2: %s is a link out of what is trusted", async (name) => {
    using plugins = new PluginDirectory();
    using elsewhere = new PluginDirectory();
    const path = plugins.add("counter", { library: null });
    elsewhere.directory(here);
    elsewhere.library(`${here}/libcounter.so`, "counter");
    if (name !== "lib") plugins.directory("counter/lib");
    symlinkSync(name === "lib" ? elsewhere.path : join(elsewhere.path, here), join(path, name));
    await using host = new Host({ trust: [plugins.path] });
    expect((await host.error("plugin/load", { path })).data.kind).toBe("UNTRUSTED_PATH");
  });
});

describe("A13: signed", () => {
  test("sign lists the libraries of all platforms, and verify holds them to it", async () => {
    using keys = new KeyDirectory();
    using plugins = new PluginDirectory();
    const pair = await keys.generate("k");
    const path = forOthers(plugins);
    putLibrary(plugins, `${ownDirectory}/libcounter.so`);
    putLibrary(plugins, "lib/python-3.11/stray.so", "of no platform");
    const names = ["lib/darwin-arm64/libcounter.dylib", `${ownDirectory}/libcounter.so`, "lib/win32-x64/counter.dll"];
    const said = await signPlugin(path, pair);
    expect(said.trim().split("\n")).toEqual([
      ...names.map((name) => `plugin.json: the sha256 of ${name} was added`),
      expect.stringMatching(/signed with/),
    ]);
    expect(Object.keys(JSON.parse(readFileSync(join(path, "plugin.json"), "utf8")).sha256)).toEqual(names);

    const verify = ["verify", path, "--key", pair.public];
    expect(await run(verify)).toMatchObject({ status: 0, stderr: "" });
    await using host = new Host({ trust: [plugins.path], args: ["--require-signature", pair.public] });
    expect((await host.result("plugin/load", { path })).signature).toMatchObject({ keyId: pair.id });
    putLibrary(plugins, "lib/win32-x64/counter.dll", "forged");
    const forged = await run(verify);
    expect([forged.status, forged.stdout]).toEqual([
      1,
      expect.stringContaining("lib/win32-x64/counter.dll has the sha256"),
    ]);
    expect((await host.result("plugin/load", { path })).warnings).toEqual([]);
  });

  test("sign takes a plugin that has libraries for other platforms only", async () => {
    using keys = new KeyDirectory();
    using plugins = new PluginDirectory();
    const said = await signPlugin(forOthers(plugins), await keys.generate("k"));
    expect(said).toContain("lib/win32-x64/counter.dll was added");
  });
});
