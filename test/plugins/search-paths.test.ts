// T4: where a plugin's libraries look for others. Nothing comes in from the working directory, or from around a plugin's own.

import { createHash } from "node:crypto";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compileLibrary } from "../../fixtures/compile.ts";
import { libraryName } from "../../fixtures/plugins.ts";
import { attempt } from "../support/confined.ts";
import { Host } from "../support/host.ts";
import { plugin, projectRoot } from "../support/paths.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";

const source = (name: string) => join(projectRoot, "fixtures", "companion", `${name}.c`);
const greeting = libraryName("greeting");

/** Trusted directories, and a working directory in which the library lies that plugins need. */
let plugins: PluginDirectory;
let cwd: string;
let host: Host;

beforeAll(async () => {
  plugins = new PluginDirectory();
  cwd = plugins.directory("cwd");
  await compileNeeded(join(cwd, greeting));
  host = new Host({ trust: [plugins.path], cwd });
});

afterAll(async () => {
  await host[Symbol.asyncDispose]();
  plugins[Symbol.dispose]();
});

const compileNeeded = (output: string, flags: string[] = []) =>
  compileLibrary({ language: "c", sources: [source("greeting")], output, defines: { EDITION: '"first"' }, flags });

/** A plugin that needs the library. @returns its directory */
async function add(name: string, flags: string[]): Promise<string> {
  const path = plugins.add(name, { library: null });
  const output = join(path, libraryName(name));
  await compileLibrary({ language: "c", sources: [source("companion")], output, flags });
  return path;
}

/** What a load and plugin/validate say. */
async function verdicts(path: string) {
  const { error, result } = await host.request("plugin/load", { path });
  const { problems } = await host.result("plugin/validate", { path });
  return { loaded: result?.handle, error, problems };
}

/** Lists all of its files. */
function list(path: string, files: readonly string[]): void {
  const hash = (file: string) =>
    createHash("sha256")
      .update(readFileSync(join(path, file)))
      .digest("hex");
  const manifest = JSON.parse(readFileSync(join(path, "plugin.json"), "utf8"));
  manifest.sha256 = Object.fromEntries(files.map((file) => [file, hash(file)]));
  writeFileSync(join(path, "plugin.json"), JSON.stringify(manifest));
}

const link = (rpath: string) => [`-L${cwd}`, "-lgreeting", `-Wl,-rpath,${rpath}`];

describe("T4: a library that would be looked for where nobody has checked is refused", () => {
  const places: Record<string, () => string> = {
    "the working directory": () => ".",
    "a directory in it": () => "lib",
    "an empty part": () => "$ORIGIN::/usr/lib",
    "an empty part at the end": () => "$ORIGIN:",
    "what no loader knows": () => "$HOME/lib",
    "a directory whose name begins as the plugin's": () => "$ORIGIN-other",
    "the directory above the plugin's": () => "$ORIGIN/..",
    "the working directory, by way of the copy": () => "$ORIGIN/../cwd",
    "the same, with a detour": () => "$ORIGIN/lib/../../../cwd",
    "the same, by the process": () => "/proc/self/cwd",
    "the plugin's own directory, past the copy": () => join(plugins.path, "place-own"),
  };

  test.each(Object.entries(places).map(([what, place], index) => ({ what, place, index })))(
    "$what",
    async ({ what, place, index }) => {
      const name = what.includes("past the copy") ? "place-own" : `place-${index}`;
      const { loaded, error, problems } = await verdicts(await add(name, link(place())));
      expect(loaded).toBeUndefined();
      const library = join(plugins.path, name, libraryName(name));
      expect(error).toMatchObject({ data: { kind: "LIBRARY_LOAD_FAILED", reason: "search-path", library } });
      expect(problems).toMatchObject([{ code: "LIBRARY_LOAD_FAILED", severity: "error", message: error?.message }]);
      expect(error?.message).toMatch(/looks for libraries in `/);
    },
  );

  test("a needed name that is a path, also from $ORIGIN, and where all files are listed", async () => {
    const copies = plugins.directory("cwd/lib");
    for (const [index, name] of ["lib/needed.so", "./needed.so", "$ORIGIN/needed.so"].entries()) {
      await compileNeeded(join(copies, "named.so"), [`-Wl,-soname,${name}`]);
      const path = await add(`needs-${index}`, [join(copies, "named.so")]);
      copyFileSync(join(copies, "named.so"), join(copies, "needed.so"));
      copyFileSync(join(copies, "named.so"), join(cwd, "needed.so"));
      list(path, [libraryName(`needs-${index}`)]);
      const { loaded, error } = await verdicts(path);
      expect(loaded).toBeUndefined();
      expect(error).toMatchObject({
        message: expect.stringContaining(`needs \`${name}\``),
        data: { reason: "search-path" },
      });
    }
  });

  test("of what it needs from beside it as well, and of what plugin.json lists", async () => {
    const beside = await add("needing", link("$ORIGIN"));
    await compileNeeded(join(beside, greeting), ["-Wl,-rpath,lib"]);
    expect((await verdicts(beside)).error?.data).toMatchObject({
      reason: "search-path",
      library: join(beside, greeting),
    });
    const listing = plugins.add("listing");
    await compileNeeded(join(listing, "module.so.1"), ["-Wl,-rpath,lib"]);
    list(listing, [libraryName("listing"), "module.so.1"]);
    const { error, problems } = await verdicts(listing);
    expect(error?.data).toMatchObject({ reason: "search-path", library: join(listing, "module.so.1") });
    expect(problems).toHaveLength(1);
  });

  test("what is usual is not: beside it, below that, an absolute directory, and no list at all", async () => {
    const usual = { a: "$ORIGIN", b: "$ORIGIN/lib/:$ORIGIN/", c: `/usr/lib:${cwd}` };
    for (const [name, place] of Object.entries(usual)) {
      const path = await add(name, link(place));
      copyFileSync(join(cwd, greeting), join(path, greeting));
      const { loaded, problems } = await verdicts(path);
      expect([typeof loaded, problems]).toEqual(["string", []]);
    }
  });
});

test("T4: what a library of the system looks for by a relative path is not found in the working directory", async () => {
  const elsewhere = plugins.directory("opt");
  const middle = join(elsewhere, libraryName("middle"));
  await compileNeeded(middle, ["-Wl,--no-as-needed", `-L${cwd}`, "-lgreeting", "-Wl,-rpath,."]);
  const path = await add("indirect", [`-L${elsewhere}`, "-lmiddle", `-Wl,-rpath,${elsewhere}`]);
  const { error } = await host.request("plugin/load", { path });
  expect(error?.data).toMatchObject({ reason: "not-found", needed: greeting });
});

test.each([
  ["none", "done"],
  ["standard", "done"],
  ["strict", "EACCES"], // which is there
])("P6: calls find the working directory of dlrpc under the profile %s", async (profile, expected) => {
  await using watching = new Host({ cwd });
  const { handle } = await watching.result("plugin/load", { path: plugin("attack"), sandbox: { profile } });
  expect(await attempt(watching, handle, { do: "open_read", path: greeting })).toBe(expected);
});
