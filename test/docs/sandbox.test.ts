// docs/sandbox.md: its examples run, and refusals are as it says, in each language.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compileLibrary, type Language } from "../../fixtures/compile.ts";
import { hasCompilerFor } from "../../fixtures/compilers.ts";
import { libraryName } from "../../fixtures/plugins.ts";
import { Host } from "../support/host.ts";
import { Page } from "../support/page.ts";
import { projectRoot } from "../support/paths.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";
import { run } from "../support/run.ts";
import { shareHost } from "../support/shared-host.ts";
import { TemporaryDirectory } from "../support/temporary-directory.ts";

const page = new Page("docs/sandbox.md");
const { text } = page;
const path = join(projectRoot, page.path);

interface Plugin {
  readonly name: string;
  readonly language: Language;
  readonly source: string;
  readonly libraries?: readonly string[];
}

/** By what the document calls the language. */
const plugins: Readonly<Record<string, Plugin>> = {
  C: { name: "c", language: "c", source: "c.c" },
  "C++": { name: "cpp", language: "c++", source: "cpp.cpp" },
  Rust: { name: "rust", language: "rust", source: "rust.rs" },
  Go: { name: "go", language: "go", source: "go.go" },
  Python: { name: "python", language: "c", source: "python.c", libraries: ["python3-embed"] },
};

/** A machine of a developer may lack what one is built with; CI has it. */
function isBuilt({ language, libraries = [] }: Plugin): boolean {
  if (process.env.CI === "true") return true;
  const areThere = libraries.length === 0 || spawnSync("pkg-config", ["--exists", ...libraries]).status === 0;
  return hasCompilerFor(language) && areThere;
}

function flagsOf({ libraries = [] }: Plugin): string[] {
  if (libraries.length === 0) return [];
  const flags = execFileSync("pkg-config", ["--cflags", "--libs", ...libraries], { encoding: "utf8" });
  return flags.trim().split(/\s+/);
}

const fixtures = join(projectRoot, "fixtures");
const built = new PluginDirectory();
const workspace = new TemporaryDirectory();
const shared = shareHost({ trust: [built.path] });

beforeAll(async () => {
  await shared.host.result("initialize", { workspaceRoot: workspace.path });
  for (const plugin of Object.values(plugins).filter(isBuilt)) {
    const { name, language, source } = plugin;
    await compileLibrary({
      language,
      sources: [join(fixtures, "refusals", source)],
      output: join(built.add(name, { library: null }), libraryName(name)),
      includes: [join(fixtures, "real")],
      flags: flagsOf(plugin),
    });
  }
}, 120_000);

afterAll(() => {
  built[Symbol.dispose]();
  workspace[Symbol.dispose]();
});

/** What a plugin says of an attempt. */
async function words(name: string, sandbox: object, input: object): Promise<string> {
  const { host } = shared;
  const { handle } = await host.result("plugin/load", { path: join(built.path, name), sandbox });
  return (await host.result("plugin/execute", { handle, input })).output.words;
}

/** The words of a table, as a pattern: `PATH` is the path, `…` stands for what differs. */
function pattern(shown: string, path: string): RegExp {
  const escaped = (part: string) => part.replaceAll("PATH", path).replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${shown.split("…").map(escaped).join(".*")}$`);
}

const sections = [...text.matchAll(/^### (\w+)\n(.*?)(?=^##)/gms)].map(([, what = "", section = ""]) => ({
  what,
  rows: [...section.matchAll(/^\| (\S+) \| `([^`]+)`/gm)].map(([, language = "", shown = ""]) => ({ language, shown })),
}));

test("each refusal is shown in each language", () => {
  expect(sections.map(({ what }) => what)).toEqual(["read", "write", "mode", "connect", "resolve", "run"]);
  for (const { rows } of sections) expect(rows.map(({ language }) => language)).toEqual(Object.keys(plugins));
});

const shown = sections.flatMap(({ what, rows }) => rows.map((row) => ({ what, ...row })));
const isThere = ({ language }: (typeof shown)[number]) => isBuilt(plugins[language] as Plugin);

describe("a refusal looks as it says", () => {
  test.each(shown.filter(isThere))("$what in $language: $shown", async ({ what, language, shown }) => {
    const { name } = plugins[language] as Plugin;
    using outside = new TemporaryDirectory();
    const path = what === "write" ? join(outside.path, "new") : join(outside.path, "file");
    writeFileSync(join(outside.path, "file"), "text");
    const profile = what === "read" ? "strict" : "standard";
    const input = { do: what, path };
    expect(await words(name, { profile }, input)).toMatch(pattern(shown, path));
    const grants = { read: [outside.path], write: [outside.path], exec: true };
    if (["read", "write", "run"].includes(what)) expect(await words(name, { profile, ...grants }, input)).toBe("done");
  });
});

const others = [...text.matchAll(/^\| `(\w+)` \| `([^`]+)` \| (.*) \|$/gm)].map(
  ([, what = "", shown = "", helps = ""]) => ({ what, shown, grant: /`write: (\[.*?\])`/.exec(helps)?.[1] }),
);

describe("what needs another way", () => {
  test.each(others)("$what: $shown, with $grant", async ({ what, shown, grant }) => {
    const input = { do: what, path };
    expect(await words("c", {}, input)).toBe(shown);
    const everything = { network: true, exec: true, read: ["/"], write: [dirname(path)] };
    const granted = grant === undefined ? everything : { write: JSON.parse(grant) };
    expect(await words("c", granted, input)).toBe(grant === undefined ? shown : "done");
  });

  test("are all that the document names", () => expect(others).toHaveLength(8));
});

describe("the examples", () => {
  test.each(page.code("sh").flatMap((code) => code.trim().split("\n")))("%s", async (command) => {
    using reader = new PluginDirectory();
    reader.add("plugins/hello", { library: "hello-world", as: [libraryName("hello")], manifest: manifest() });
    for (const name of ["data", "cache"]) mkdirSync(join(reader.path, name));
    const [, ...args] = command.split(" ");
    const { status, stderr } = await run(args, { cwd: reader.path });
    expect([status, stderr.includes("LIBRARY"), stderr.includes("INVALID")], stderr).toEqual([0, false, false]);
    const isGranted = command.includes("--grant-requested") || command.includes("none");
    expect(stderr.includes("PERMISSIONS_NOT_GRANTED"), stderr).toBe(!isGranted);
  });

  test("what --explain shows has the form that the document shows", async () => {
    using made = new PluginDirectory();
    const [data, cache] = ["data", "cache"].map((name) => join(made.path, name)) as [string, string];
    for (const path of [data, cache]) mkdirSync(path);
    const [file, names] = [join(data, "hosts"), join(cache, "names")];
    writeFileSync(file, "");
    const shown = (page.code("text")[0] ?? "").trim().split("\n");
    const attempts: [input: object, option: string, what: string][] = [
      [{ do: "read", path: file }, `--read ${data}`, `openat read ${file}`],
      [{ do: "connect", path: "" }, "--network", "socket AF_INET SOCK_STREAM"],
      [{ do: "write", path: names }, `--write ${cache}`, `openat create ${names}`],
    ];
    for (const [input, option, what] of attempts) {
      const args = ["--sandbox", "strict", "--explain", "--input", JSON.stringify(input)];
      const { stderr } = await run(["exec", join(built.path, "c"), ...args]);
      expect(stderr).toBe(`${shown[0]}\n  ${option}  ${what}\nOptions to add: ${option}\n`);
      const like = (text: string) => text.replaceAll(/ \/\S+/g, "").replaceAll(/ +/g, " ");
      expect(shown.map(like).join("\n")).toContain(like(`  ${option}  ${what}`));
    }
    expect(shown.at(-1)).toMatch(/^Options to add: /);
  });

  test("a load is warned of what the plugin.json asks for", async () => {
    using reader = new PluginDirectory();
    const name = "hello-world"; // as its library says
    const made = reader.add(name, { library: name, manifest: { ...manifest(), name } });
    await using host = new Host({ trust: [reader.path] });
    const { warnings } = await host.result("plugin/load", { path: made });
    expect(warnings).toMatchObject([{ code: "PERMISSIONS_NOT_GRANTED" }]);
  });
});

const manifest = () => JSON.parse(page.code("json")[0] ?? "");
