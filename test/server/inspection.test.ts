// plugin/discover and plugin/validate: what they find, all of it at once, without running any of it (D1).

import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { warningCodes } from "../../protocol/warnings.ts";
import { mappedFiles } from "../support/holdings.ts";
import { Host } from "../support/host.ts";
import { fixturesDirectory, plugin, projectRoot } from "../support/paths.ts";
import { PluginDirectory, type PluginOptions } from "../support/plugin-directory.ts";
import { childrenOf } from "../support/processes.ts";
import { shareHost } from "../support/shared-host.ts";

const foreign = (name: string) => join(projectRoot, "fixtures", "foreign", name);

interface Problem {
  code: string;
  severity: "error" | "warning";
  message: string;
  hint?: string;
}

const shared = shareHost();

/** What plugin/validate says of a plugin in a trusted directory. */
async function validate(
  options: PluginOptions,
): Promise<{ valid: boolean; permissions: object | null; problems: Problem[] }> {
  using plugins = new PluginDirectory(shared.trusted);
  const path = plugins.add("made", options);
  return await shared.host.result("plugin/validate", { path });
}

const codes = ({ problems }: { problems: Problem[] }) => problems.map(({ code }) => code);

describe("D1: no code of a plugin runs", () => {
  const dangerous = ["crashes-at-load", "exits-at-load", "hangs-at-load", "metadata-hangs", "undefined-symbol"];

  test("plugin/discover and plugin/validate of plugins that crash, exit or hang when they are loaded", async () => {
    await using host = new Host();
    const program = host.child.pid as number;
    const { plugins } = await host.result("plugin/discover");
    for (const name of dangerous) {
      const problems = [expect.objectContaining({ code: "NAME_NOT_UNIQUE" })]; // all of them are called `hostile`
      expect(plugins).toContainEqual(expect.objectContaining({ path: plugin(name), valid: true, problems }));
      expect(await host.result("plugin/validate", { path: plugin(name) })).toEqual({
        valid: true,
        permissions: null,
        problems,
      });
    }
    expect(childrenOf(program)).toEqual([]);
    expect(mappedFiles(program)).not.toMatch(/libhostile|dist\/fixtures/);
  });
});

describe("plugin/validate", () => {
  test("a good plugin", async () => {
    expect(await validate({})).toEqual({ valid: true, permissions: null, problems: [] });
  });

  const found: Record<string, [options: PluginOptions, code: string, message: RegExp]> = {
    "no plugin.json": [{ manifest: null }, "INVALID_PLUGIN", /plugin\.json is missing/],
    "plugin.json that is not JSON": [{ manifest: "name = made" }, "INVALID_PLUGIN", /not JSON: byte 1: found `a`/],
    "members missing": [
      { manifest: '{"name":"made","abi_version":1}' },
      "INVALID_PLUGIN",
      /description: .*; version: /,
    ],
    "members of a wrong type": [{ manifest: { version: 1, author: [] } }, "INVALID_PLUGIN", /version: .*; author: /],
    "a malformed name": [{ manifest: { name: "../x" } }, "INVALID_PLUGIN", /name: must be 1 to 64/],
    "an odd name": [{ manifest: { name: "Made" }, as: ["Made.so"] }, "NAME_NOT_PLAIN", /`Made` is unusual/],
    "a malformed version": [{ manifest: { version: "1" } }, "VERSION_NOT_SEMVER", /`1` is not a semantic version/],
    "a long description": [{ manifest: { description: "x".repeat(1025) } }, "DESCRIPTION_TOO_LONG", /than 1024/],
    "another ABI": [{ manifest: { abi_version: 2 } }, "ABI_MISMATCH", /abi_version is 2, 1 is needed/],
    "no library": [{ library: null }, "LIBRARY_NOT_FOUND", /holds none of libmade\.so, made\.so/],
    "no library but text": [{ library: join(projectRoot, "LICENSE") }, "LIBRARY_LOAD_FAILED", /a text file/],
    "a library for Windows": [
      { library: foreign("plugin-x86_64.dll") },
      "LIBRARY_LOAD_FAILED",
      /Windows .* Linux needed/,
    ],
    "a library for macOS": [{ library: foreign("plugin-arm64.dylib") }, "LIBRARY_LOAD_FAILED", /macOS .* Linux needed/],
    "a library for s390x": [{ library: foreign("plugin-s390x.so") }, "LIBRARY_LOAD_FAILED", /s390x library, .* needed/],
    "no symbols": [
      { library: "no-symbols" },
      "SYMBOL_MISSING",
      /version, vtcode_plugin_metadata, vtcode_plugin_execute$/,
    ],
    "a missing symbol": [{ library: "no-execute" }, "SYMBOL_MISSING", /does not export vtcode_plugin_execute$/],
  };

  test.each(Object.entries(found))("finds %s", async (_, [options, code, message]) => {
    const { valid, problems } = await validate(options);
    const severity = code in warningCodes ? "warning" : "error";
    expect(problems).toEqual([{ code, severity, message: expect.stringMatching(message), hint: expect.any(String) }]);
    expect(valid).toBe(severity === "warning");
  });

  test("finds everything at once: in plugin.json, in the library, and about permissions", async () => {
    using plugins = new PluginDirectory();
    const manifest = { name: "Made", description: 5, version: "new", abi_version: 2, thread_safe: "yes" };
    const path = plugins.add("made", { manifest, library: foreign("plugin-x86_64.dll"), as: ["Made.so"] });
    for (const writable of [path, join(path, "plugin.json"), join(path, "Made.so")]) chmodSync(writable, 0o777);
    await using host = new Host({ trust: [] });
    const { valid, problems } = await host.result("plugin/validate", { path });
    expect(valid).toBe(false);
    const withCode = (code: string) => problems.filter((problem: Problem) => problem.code === code);
    expect(withCode("ABI_MISMATCH")).toHaveLength(1);
    expect(withCode("INVALID_PLUGIN")).toMatchObject([
      { message: expect.stringMatching(/description: .*; thread_safe: /) },
    ]);
    expect(withCode("NAME_NOT_PLAIN")).toHaveLength(1);
    expect(withCode("VERSION_NOT_SEMVER")).toHaveLength(1);
    expect(withCode("LIBRARY_LOAD_FAILED")).toHaveLength(1);
    expect(withCode("UNTRUSTED_PATH")).toMatchObject([{ severity: "warning" }]);
    const writable = withCode("WRITABLE_BY_OTHERS").map(({ hint }: Problem) => hint);
    expect(writable).toEqual(["", "/plugin.json", "/Made.so"].map((file) => `chmod go-w '${path}${file}'`));
  });

  const nameless: Record<string, object | string> = {
    "no name": { name: undefined, version: "1" },
    "a name of a wrong type": { name: 5, version: "1" },
    "no JSON": "{",
  };

  test.each(Object.entries(nameless))(
    "finds what is wrong with the library as well where there is %s",
    async (_, manifest) => {
      const found = codes(await validate({ manifest, library: "no-execute" }));
      expect(found).toEqual(expect.arrayContaining(["INVALID_PLUGIN", "SYMBOL_MISSING"]));
      const other = codes(await validate({ manifest, library: "no-execute", as: ["another.so"] }));
      expect(other).toContain("SYMBOL_MISSING");
      expect(codes(await validate({ manifest, library: null }))).toContain("LIBRARY_NOT_FOUND");
      const several = codes(await validate({ manifest, library: "no-execute", as: ["a.so", "b.so"] }));
      expect(several).not.toContain("SYMBOL_MISSING"); // which of them it is nobody can say
    },
  );

  test("finds a library that is needed and nowhere, beside what else is wrong with it", async () => {
    using plugins = new PluginDirectory();
    const path = plugins.add("made", { library: join(plugin("companion"), "libcompanion.so") });
    await using host = new Host({ trust: [plugins.path] });
    const { valid, problems } = await host.result("plugin/validate", { path });
    expect([valid, problems]).toMatchObject([
      false,
      [{ code: "LIBRARY_LOAD_FAILED", severity: "error", message: expect.stringContaining("needs libgreeting.so") }],
    ]);
    const { plugins: found } = await host.result("plugin/discover");
    expect(found[0].problems).toEqual(problems);
    plugins.library("made/libgreeting.so", join(plugin("companion"), "libgreeting.so"));
    expect(await host.result("plugin/validate", { path })).toMatchObject({ valid: true, problems: [] });
  });

  test("of a path that does not exist, and of a file", async () => {
    await using host = new Host();
    for (const path of [plugin("nowhere"), plugin("echo/plugin.json")]) {
      const { valid, problems } = await host.result("plugin/validate", { path });
      expect([valid, problems]).toMatchObject([false, [{ code: "PATH_NOT_FOUND", severity: "error" }]]);
    }
  });

  test("of a path that is not trusted: that is one warning, and the rest is examined all the same", async () => {
    await using host = new Host({ trust: [] });
    const { valid, problems } = await host.result("plugin/validate", { path: plugin("echo") });
    expect(valid).toBe(true);
    expect(problems).toEqual([
      {
        code: "UNTRUSTED_PATH",
        severity: "warning",
        message: expect.stringContaining(plugin("echo")),
        hint: expect.stringContaining("--trust"),
      },
    ]);
    const bad = await host.result("plugin/validate", { path: plugin("no-symbols") });
    expect(codes(bad)).toContain("SYMBOL_MISSING");
  });

  test("T2: links that lead out of what is trusted are a warning, too", async () => {
    using plugins = new PluginDirectory();
    const path = plugins.add("made", { library: null });
    symlinkSync(join(plugin("counter"), "libcounter.so"), join(path, "libmade.so"));
    await using host = new Host({ trust: [plugins.path] });
    const { valid, problems } = await host.result("plugin/validate", { path });
    expect(valid).toBe(true);
    expect(problems).toMatchObject([{ code: "UNTRUSTED_PATH", message: expect.stringContaining("libcounter.so") }]);
  });

  test("T3: --strict-permissions makes an error of what others may write to", async () => {
    using plugins = new PluginDirectory();
    const path = plugins.add("made");
    chmodSync(path, 0o777);
    await using host = new Host({ trust: [plugins.path], args: ["--strict-permissions"] });
    const { valid, problems } = await host.result("plugin/validate", { path });
    expect([valid, problems]).toMatchObject([false, [{ code: "UNTRUSTED_PATH", severity: "error" }]]);
  });

  test("a relative path is relative to the workspace", async () => {
    await using host = new Host();
    await host.result("initialize", { workspaceRoot: fixturesDirectory });
    expect(await host.result("plugin/validate", { path: "echo" })).toEqual({
      valid: true,
      permissions: null,
      problems: [],
    });
  });

  test("a FIFO as plugin.json or as library does not hold it up", async () => {
    using plugins = new PluginDirectory(shared.trusted);
    const first = plugins.add("first", { manifest: null });
    const second = plugins.add("second", { library: null });
    execFileSync("mkfifo", [join(first, "plugin.json"), join(second, "libsecond.so")]);
    const { host } = shared;
    expect(codes(await host.result("plugin/validate", { path: first }))).toEqual(["INVALID_PLUGIN"]);
    expect(codes(await host.result("plugin/validate", { path: second }))).toEqual(["LIBRARY_LOAD_FAILED"]);
  });
});

describe("plugin/discover", () => {
  interface Found {
    path: string;
    valid: boolean;
    problems: Problem[];
  }

  test("everything about each plugin", async () => {
    using plugins = new PluginDirectory();
    const path = plugins.add("made", { manifest: { when_to_use: "never", homepage: "https://example.org" } });
    await using host = new Host({ trust: [plugins.path] });
    expect(await host.result("plugin/discover")).toEqual({
      plugins: [
        {
          path,
          library: join(path, "libmade.so"),
          metadata: {
            name: "made",
            description: "Made for a test",
            version: "1.0.0",
            when_to_use: "never",
            homepage: "https://example.org",
            author: null,
            abi_version: 1,
            when_not_to_use: null,
            allowed_tools: null,
            thread_safe: false,
          },
          permissions: null,
          valid: true,
          problems: [],
        },
      ],
    });
  });

  test("the trusted directories in their order, in each the plugins by name; nothing else in them counts", async () => {
    using first = new PluginDirectory();
    using second = new PluginDirectory();
    const b = second.add("b");
    const a = second.add("a");
    const z = first.add("z");
    first.directory("no-plugin");
    first.add("deeper/not-direct", { manifest: { name: "deeper" }, as: ["deeper.so"] });
    first.file("plugin.json", JSON.stringify({ name: "not-in-a-directory" }));
    await using host = new Host({ trust: [first.path, second.path] });
    const { plugins } = await host.result("plugin/discover");
    expect(plugins.map(({ path }: Found) => path)).toEqual([z, a, b]);
    const onlySecond = await host.result("plugin/discover", { dirs: [second.path] });
    expect(onlySecond.plugins.map(({ path }: Found) => path)).toEqual([a, b]);
    expect(await host.result("plugin/discover", { dirs: [] })).toEqual({ plugins: [] });
  });

  test("plugins that are not valid, with every problem", async () => {
    using plugins = new PluginDirectory();
    plugins.add("broken", { manifest: "{" });
    plugins.add("foreign", { library: foreign("plugin-universal.dylib") });
    plugins.add("good");
    plugins.add("twice", { manifest: { version: "1", description: 5 }, library: null });
    await using host = new Host({ trust: [plugins.path] });
    const found = await host.result("plugin/discover");
    const summary = found.plugins.map(({ valid, problems }: Found) => [valid, codes({ problems })]);
    expect(summary).toEqual([
      [false, ["INVALID_PLUGIN"]],
      [false, ["LIBRARY_LOAD_FAILED"]],
      [true, []],
      [false, ["INVALID_PLUGIN", "VERSION_NOT_SEMVER", "LIBRARY_NOT_FOUND"]],
    ]);
    expect(found.plugins[0]).toMatchObject({ metadata: null, library: null });
  });

  test("P4: plugins of one name, and which of them plugin/load takes by it; plugin/validate says the same", async () => {
    using first = new PluginDirectory();
    using second = new PluginDirectory();
    const a = first.add("a", { manifest: { name: "made" }, as: ["libmade.so"] });
    const made = first.add("made");
    const other = second.add("made");
    const alone = second.add("alone");
    symlinkSync(made, join(first.path, "made-again"));
    await using host = new Host({ trust: [first.path, second.path] });
    const { plugins } = await host.result("plugin/discover");
    const shared = (path: string, taken: string) => ({
      code: "NAME_NOT_UNIQUE",
      severity: "warning",
      message: `name: \`made\` stands for ${[made, a, other].filter((each) => each !== path).join(", ")} as well; plugin/load takes ${taken} by it`,
      hint: expect.any(String),
    });
    const expected = new Map([
      [a, [shared(a, made)]],
      [made, [shared(made, "this plugin")]],
      [other, [shared(other, made)]],
      [alone, []],
    ]);
    expect(plugins).toHaveLength(5); // the link leads to one of them
    for (const { path, valid, problems } of plugins as Found[]) {
      expect([path, valid, problems]).toEqual([path, true, expected.get(path)]);
      expect(await host.result("plugin/validate", { path })).toMatchObject({ valid: true, problems });
    }
    expect((await host.result("plugin/load", { name: "made" })).path).toBe(made);
  });

  test("D2: a plugin in a directory whose name is not UTF-8 is reported, and the others are listed", async () => {
    using plugins = new PluginDirectory();
    const good = plugins.add("good");
    const bad = Buffer.concat([Buffer.from(`${plugins.path}/b`), Buffer.from([0xff])]);
    mkdirSync(bad);
    writeFileSync(Buffer.concat([bad, Buffer.from("/plugin.json")]), "{}");
    mkdirSync(Buffer.concat([bad, Buffer.from([0xff])])); // which holds no plugin
    await using host = new Host({ trust: [plugins.path] });
    const { plugins: found } = await host.result("plugin/discover");
    expect(found).toMatchObject([
      { path: good, valid: true },
      { path: `${plugins.path}/b\ufffd`, valid: false, library: null, metadata: null },
    ]);
    expect(found[1].problems).toMatchObject([
      { code: "INVALID_PLUGIN", message: expect.stringContaining("not UTF-8") },
    ]);
    expect((await host.error("plugin/load", { name: "nobody" })).data.kind).toBe("PATH_NOT_FOUND");
  });

  test("T2: a link that leads outside is listed but not read", async () => {
    using plugins = new PluginDirectory();
    symlinkSync(plugin("echo"), join(plugins.path, "link"));
    await using host = new Host({ trust: [plugins.path] });
    const found = await host.result("plugin/discover");
    expect(found.plugins).toMatchObject([{ path: plugin("echo"), valid: false, metadata: null, library: null }]);
    expect(codes(found.plugins[0])).toEqual(["UNTRUSTED_PATH"]);
  });

  test("UNTRUSTED_PATH: of a directory that nobody trusts", async () => {
    using plugins = new PluginDirectory();
    await using host = new Host({ trust: [plugins.path] });
    for (const directory of [fixturesDirectory, `${plugins.path}/..`, join(plugins.path, "nowhere")]) {
      const { code, data } = await host.error("plugin/discover", { dirs: [plugins.path, directory] });
      expect([code, data]).toMatchObject([-32002, { kind: "UNTRUSTED_PATH" }]);
    }
  });

  test("of a directory within a trusted one, also relative to the workspace", async () => {
    using plugins = new PluginDirectory();
    const path = plugins.add("sub/made", { manifest: { name: "made" }, as: ["made.so"] });
    await using host = new Host({ trust: [plugins.path] });
    await host.result("initialize", { workspaceRoot: plugins.path });
    expect(await host.result("plugin/discover", { dirs: ["sub"] })).toMatchObject({ plugins: [{ path, valid: true }] });
  });

  test("nothing is trusted, or nothing is there", async () => {
    using plugins = new PluginDirectory();
    await using host = new Host({ trust: [] });
    expect(await host.result("plugin/discover")).toEqual({ plugins: [] });
    await using empty = new Host({ trust: [plugins.path] });
    expect(await empty.result("plugin/discover")).toEqual({ plugins: [] });
  });
});
