// T4: a library that needs others from beside it ($ORIGIN) is loaded with just those that were checked.

import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { libraryName } from "../../fixtures/plugins.ts";
import { Host } from "../support/host.ts";
import { plugin } from "../support/paths.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";
import { type Step, Swapper } from "../support/swapper.ts";

const beside = libraryName("greeting");
const manifest = { name: "companion" };
const editions = { first: join(plugin("companion"), beside), second: join(plugin("companion-second"), beside) };

function add(plugins: PluginDirectory, name: string, edition: keyof typeof editions): string {
  const library = join(plugin("companion"), libraryName("companion"));
  const path = plugins.add(name, { library, as: [libraryName("companion")], manifest });
  plugins.library(join(name, beside), editions[edition]);
  return path;
}

async function editionOf(host: Host, params: object): Promise<string> {
  const { result, error } = await host.request("plugin/load", params);
  if (error !== undefined) return error.data.kind;
  const { handle } = result;
  const { output } = await host.result("plugin/execute", { handle });
  await host.result("plugin/unload", { handle });
  return output.edition;
}

test.each(["none", "standard", "strict"])(
  "T4: it is found under the profile %s, also after a crash",
  async (profile) => {
    using plugins = new PluginDirectory();
    const path = add(plugins, "made", "first");
    await using host = new Host({ trust: [plugins.path] });
    const { handle } = await host.result("plugin/load", { path, sandbox: { profile } });
    const edition = async () => (await host.result("plugin/execute", { handle })).output.edition;
    expect(await edition()).toBe("first");
    copyFileSync(editions.second, join(path, beside)); // rewritten in place: what runs is not disturbed
    expect(await edition()).toBe("first");
    process.kill((await host.result("plugin/list")).plugins[0].pid, "SIGKILL");
    await expect.poll(async () => (await host.result("plugin/list")).plugins[0].stats.restarts).toBe(1);
    expect(await edition()).toBe("first");
    await host.result("plugin/reload", { handle });
    expect(await edition()).toBe("second");
  },
);

test("T4: where $LIB and $PLATFORM are part of the way to it, the system's loader says what they mean", async () => {
  using plugins = new PluginDirectory();
  const library = join(plugin("companion-tokens"), libraryName("companion"));
  const path = plugins.add("made", { library, as: [libraryName("companion")], manifest });
  const loader = process.arch === "x64" ? "/lib64/ld-linux-x86-64.so.2" : "/lib/ld-linux-aarch64.so.1";
  const said = execFileSync(loader, ["--list-diagnostics"], { encoding: "utf8" });
  const [lib = "", platform = ""] = ["dst_lib", "platform"].map(
    (name) => new RegExp(`dl_${name}="(.*)"`).exec(said)?.[1],
  );
  plugins.directory(join("made", lib, platform));
  plugins.library(join("made", lib, platform, beside), editions.first);
  await using host = new Host({ trust: [plugins.path] });
  expect(await editionOf(host, { path, sandbox: { profile: "strict" } })).toBe("first");
});

describe("T2, T3, T4: it is held to the same as the plugin's library", () => {
  test("what leads outside of every trusted directory is refused", async () => {
    using plugins = new PluginDirectory();
    const trusted = plugins.directory("trusted");
    const path = add(plugins, "trusted/made", "first");
    const outside = add(plugins, "outside", "second");
    rmSync(join(path, beside));
    symlinkSync(join(outside, beside), join(path, beside));
    await using host = new Host({ trust: [trusted] });
    const { data, message } = await host.error("plugin/load", { path });
    expect([data.kind, message]).toEqual(["UNTRUSTED_PATH", expect.stringContaining(join(outside, beside))]);
  });

  test("what others may write to is a warning, or refused", async () => {
    using plugins = new PluginDirectory();
    const path = add(plugins, "made", "first");
    chmodSync(join(path, beside), 0o777);
    await using lenient = new Host({ trust: [plugins.path] });
    const { warnings } = await lenient.result("plugin/load", { path });
    expect(warnings).toMatchObject([{ code: "WRITABLE_BY_OTHERS", message: expect.stringContaining(beside) }]);
    await using strict = new Host({ trust: [plugins.path], args: ["--strict-permissions"] });
    expect((await strict.error("plugin/load", { path })).data.kind).toBe("UNTRUSTED_PATH");
  });

  test("what is no library is refused, and named", async () => {
    using plugins = new PluginDirectory();
    const path = add(plugins, "made", "first");
    plugins.file(join("made", beside), "no library");
    await using host = new Host({ trust: [plugins.path] });
    const { data, message } = await host.error("plugin/load", { path });
    expect([data.kind, message]).toEqual(["LIBRARY_LOAD_FAILED", expect.stringContaining(join(path, beside))]);
  });

  test("what is missing is the loader's to say", async () => {
    using plugins = new PluginDirectory();
    const path = add(plugins, "made", "first");
    rmSync(join(path, beside));
    await using host = new Host({ trust: [plugins.path] });
    const { data, message } = await host.error("plugin/load", { path });
    expect([data.kind, message]).toEqual(["LIBRARY_LOAD_FAILED", expect.stringContaining(beside)]);
  });
});

describe("T4: swapped again and again while it is loaded", () => {
  /** Loads until the trusted edition was loaded a few times. @returns everything that came out */
  async function swap(host: Host, path: string, states: readonly (readonly Step[])[]): Promise<string[]> {
    await using _ = new Swapper(states);
    const outcomes: string[] = [];
    while (outcomes.filter((outcome) => outcome === "first").length < 3) outcomes.push(await editionOf(host, { path }));
    return outcomes;
  }

  test.each(["library", "directory"])("for a link that leads outside (the %s): no code outside runs", async (what) => {
    using plugins = new PluginDirectory();
    const trusted = plugins.directory("trusted");
    const path = add(plugins, "trusted/made", "first");
    const outside = add(plugins, "outside", "second");
    const [target, lure] = what === "library" ? [join(path, beside), join(outside, beside)] : [path, outside];
    const [aside, link] = [join(plugins.path, "aside"), join(plugins.path, "link")];
    symlinkSync(lure, link);
    await using host = new Host({ trust: [trusted] });
    const outcomes = await swap(host, path, [
      [
        ["renameSync", target, aside],
        ["renameSync", link, target],
      ],
      [
        ["renameSync", target, link],
        ["renameSync", aside, target],
      ],
    ]);
    const refusals = ["PATH_NOT_FOUND", "UNTRUSTED_PATH", "INVALID_PLUGIN", "LIBRARY_NOT_FOUND", "LIBRARY_LOAD_FAILED"];
    for (const outcome of outcomes) expect(["first", ...refusals]).toContain(outcome);
  });

  test("for another edition, put in place whole: every load runs one of them", async () => {
    using plugins = new PluginDirectory();
    const path = add(plugins, "made", "first");
    const target = join(path, beside);
    const install = (from: string): Step[] => [
      ["copyFileSync", from, `${target}.new`],
      ["renameSync", `${target}.new`, target],
    ];
    await using host = new Host({ trust: [plugins.path] });
    const outcomes = await swap(host, path, [install(editions.second), install(editions.first)]);
    for (const outcome of outcomes) expect(["first", "second"]).toContain(outcome);
  });
});
