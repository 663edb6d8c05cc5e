// dlrpc list, info and validate: the same examinations as plugin/discover and plugin/validate, for people and scripts.

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compileLibrary } from "../../../fixtures/compile.ts";
import { libraryName } from "../../../fixtures/plugins.ts";
import { lacks } from "../../../fixtures/tools.ts";
import { ownProgram } from "../../support/paths.ts";
import { goodManifest } from "../../support/plugin-directory.ts";
import { line, messagesOf, run } from "../../support/run.ts";
import { KeyDirectory, signPlugin } from "../../support/signing.ts";
import { onTerminal } from "../../support/terminal.ts";
import { OperatorHome } from "../installing/home.ts";

/** A home with plugins in its trusted directory: name → what differs from a good one. */
function homeWith(plugins: Readonly<Record<string, object>>): OperatorHome {
  const home = new OperatorHome();
  home.directory(".vtcode/plugins");
  for (const [name, manifest] of Object.entries(plugins))
    home.add(`.vtcode/plugins/${name}`, { manifest: { name, ...manifest }, as: [libraryName(name)] });
  return home;
}

describe("a plugin.json over several lines", () => {
  const made = () => {
    const manifest = { ...goodManifest, name: "made", description: "a\u009bb", input_schema: { type: "object" } };
    const home = homeWith({});
    home.add(".vtcode/plugins/made", { manifest: JSON.stringify(manifest, null, 2), as: [libraryName("made")] });
    return home;
  };

  test.each([["list"], ["info", "made"], ["validate", "made"]])("%s --json prints one line", async (...args) => {
    using home = made();
    const { stdout } = await home.run(...args, "--json");
    expect(stdout).toMatch(/^\{.*\}\n$/);
    expect(JSON.stringify(JSON.parse(stdout))).toContain("made");
  });

  test("info shows its schema on one line", async () => {
    using home = made();
    expect((await home.run("info", "made")).stdout).toContain('{ "type": "object" }');
  });

  test.skipIf(lacks("script")).each([["list"], ["info", "made"]])("%s --json commands no terminal", (...args) => {
    using home = made();
    const shown = onTerminal([...ownProgram, ...args, "--json"], { HOME: home.path });
    expect(shown).toContain("a\\xc2\\x9bb");
    expect(shown).not.toContain("\u009b");
  });
});

describe("dlrpc list", () => {
  test("a line for each plugin, aligned, without colours in a pipe", async () => {
    using home = homeWith({
      "long-name": { version: "10.20.30" },
      a: {},
      old: { abi_version: 2 },
      odd: { version: "x" },
    });
    const { status, stdout, stderr } = await home.run("list");
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout.split("\n")).toEqual([
      "NAME       VERSION   STATE             DIRECTORY",
      `a          1.0.0     valid             ${home.plugins}/a`,
      `long-name  10.20.30  valid             ${home.plugins}/long-name`,
      `odd        x         valid, 1 warning  ${home.plugins}/odd`,
      `old        ?         ABI_MISMATCH      ${home.plugins}/old`,
      "",
    ]);
  });

  test("--json prints what plugin/discover answers", async () => {
    using home = homeWith({ a: { big: 12345678901234567890n.toString() }, broken: { name: 1 } });
    const { stdout } = await home.run("list", "--json");
    const env = { HOME: home.path };
    const [{ result }] = messagesOf(await run(["serve"], { input: line(1, "plugin/discover"), env }));
    expect(JSON.parse(stdout)).toEqual(result);
    expect(result.plugins).toHaveLength(2);
  });

  test("--trust adds a directory; where there is nothing, stderr says where that is", async () => {
    using home = homeWith({});
    home.add("mine/made", { as: [libraryName("made")], manifest: { name: "made" } });
    const none = await home.run("list");
    expect(none).toEqual({
      status: 0,
      stdout: "",
      stderr: expect.stringContaining(`there are no plugins in ${home.plugins}, `),
    });
    expect((await home.run("list", "--trust", "mine")).stdout).toMatch(/^made +1\.0\.0 +valid +.*\/mine\/made$/m);
  });

  test.skipIf(lacks("script"))("on a terminal it has colours, and is no wider; not under NO_COLOR", () => {
    using home = homeWith({ [`a-${"b".repeat(40)}`]: {}, old: { abi_version: 2 } });
    const show = (environment: object) => onTerminal([...ownProgram, "list"], { HOME: home.path, ...environment });
    expect(show({})).toContain("\u001b[31mABI_MISMATCH\u001b[0m");
    const plain = show({ NO_COLOR: "1" });
    expect(plain).not.toContain("\u001b");
    expect(Math.max(...plain.split("\r\n").map((text) => text.length))).toBe(80);
  });
});

describe("dlrpc validate", () => {
  test("several at once, by path and by name: 0 where all would load, 1 where one would not, and why", async () => {
    using home = homeWith({ good: {}, old: { abi_version: 2 } });
    home.add("odd", { manifest: { version: "x" } });
    expect(await home.run("validate", "good")).toMatchObject({ status: 0, stderr: "" });
    const { status, stdout } = await home.run("validate", "good", "old", "./odd");
    expect(status).toBe(1);
    expect(stdout).toMatch(/^good +1\.0\.0 +valid +linux-x64$/m);
    expect(stdout).toMatch(/^old +\? +ABI_MISMATCH +linux-x64$/m);
    expect(stdout).toMatch(/^odd +x +valid, 2 warnings +linux-x64$/m);
    expect(stdout).toMatch(/\n\n\S+\/old\n {2}error ABI_MISMATCH: .*abi_version is 2, 1 is needed\n {4}\w/);
    expect(stdout).toMatch(/\n\n\S+\/odd\n {2}warning UNTRUSTED_PATH: .*\n.*\n {2}warning VERSION_NOT_SEMVER: /);
  });

  test("--json prints what plugin/validate answers, of each", async () => {
    using home = homeWith({ good: { permissions: { network: true } }, old: { abi_version: 2 } });
    const { status, stdout } = await home.run("validate", "--json", "good", "old");
    const { plugins } = JSON.parse(stdout);
    expect([status, plugins.map(({ valid }: { valid: boolean }) => valid)]).toEqual([1, [true, false]]);
    for (const { path, name, libraries, ...answer } of plugins) {
      const input = line(1, "plugin/validate", { path });
      const [{ result }] = messagesOf(await run(["serve"], { input, env: { HOME: home.path } }));
      expect(answer).toEqual(result);
      expect([name, libraries]).toEqual([
        path.split("/").at(-1),
        [{ path: join(path, libraryName(name)), platforms: ["linux-x64"] }],
      ]);
    }
  });

  test("libraries for other platforms are named, and those that are none", async () => {
    using home = new OperatorHome();
    home.add("made", { as: [libraryName("made")] });
    for (const platform of ["linux-arm64", "win32-x64"]) home.directory(`made/lib/${platform}`);
    home.library("made/lib/linux-arm64/libmade.so", "counter");
    home.file("made/lib/win32-x64/made.dll", "no library");
    const { status, stdout } = await home.run("validate", "./made");
    expect(status).toBe(0);
    expect(stdout).toMatch(/note: .*\/lib\/linux-arm64\/libmade\.so: x86_64 library, aarch64 needed$/m);
    expect(stdout).toMatch(/note: .*\/lib\/win32-x64\/made\.dll: .*text/m);
  });

  test("one that has libraries for other platforms only", async () => {
    using home = new OperatorHome();
    home.add("made", { library: null });
    home.directory("made/lib/darwin-arm64");
    home.file("made/lib/darwin-arm64/libmade.dylib", Buffer.from("cffaedfe0c000001", "hex"));
    const { status, stdout } = await home.run("validate", "./made");
    expect([status, stdout]).toEqual([
      1,
      expect.stringMatching(/LIBRARY_NOT_FOUND: .*it has libraries for darwin-arm64/),
    ]);
  });

  test("no code of a plugin runs: not even what runs when a library is loaded", async () => {
    using home = new OperatorHome();
    const mark = join(home.path, "ran");
    mkdirSync(join(home.path, "eager"));
    const source = home.file(
      "eager.c",
      `#include <stdio.h>
      __attribute__((constructor)) static void run(void) { fclose(fopen("${mark}", "w")); }
      unsigned vtcode_plugin_version(void) { return 1; }
      const char *vtcode_plugin_metadata(void) { return "{}"; }
      const char *vtcode_plugin_execute(const char *input) { return input; }\n`,
    );
    await compileLibrary({ language: "c", sources: [source], output: join(home.path, "eager", libraryName("eager")) });
    writeFileSync(
      join(home.path, "eager", "plugin.json"),
      JSON.stringify({ name: "eager", description: "x", version: "1.0.0", abi_version: 1 }),
    );
    for (const args of [["validate", "./eager"], ["info", "./eager"], ["install", "./eager"], ["list"]])
      expect(await home.run(...args)).toMatchObject({ status: 0, stderr: "" });
    expect([home.installed, existsSync(mark)]).toEqual([["eager"], false]);
  });

  test.each([
    ["nothing", [], /validate needs the directory or the name of a plugin/, 2],
    ["an empty name", [""], /validate needs/, 2],
    [
      "what is not there",
      ["nowhere"],
      /PATH_NOT_FOUND: There is no directory nowhere, and no trusted plugin of that name/,
      3,
    ],
  ])("refused: %s", async (_, args, message, status) => {
    using home = new OperatorHome();
    expect(await home.run("validate", ...args)).toEqual({
      status,
      stdout: "",
      stderr: expect.stringMatching(message),
    });
  });
});

describe("dlrpc info", () => {
  test("what is known of a plugin, who has signed it included", async () => {
    using home = homeWith({ made: { description: "Counts", author: "Ada", permissions: { network: true } } });
    using keys = new KeyDirectory();
    const author = await keys.generate("author");
    await signPlugin(join(home.plugins, "made"), author);
    const { status, stdout, stderr } = await home.run("info", "made", "--signature-key", author.public);
    expect([status, stderr]).toEqual([0, ""]);
    for (const text of [
      /^name +made$/m,
      /^description +Counts$/m,
      /^author +Ada$/m,
      /^state +valid$/m,
      /^sha256 +[0-9a-f]{64}$/m,
      /^platforms +linux-x64$/m,
      /^asks for +\{"network":true\}$/m,
      new RegExp(`^signed +${author.id}: timestamp:`, "m"),
    ])
      expect(stdout).toMatch(text);
    const document = JSON.parse((await home.run("info", "made", "--json", "--signature-key", author.public)).stdout);
    expect(document).toMatchObject({
      valid: true,
      metadata: { name: "made", author: "Ada" },
      signature: { keyId: author.id },
    });
    expect(document.integrity).toMatch(/^sha256-/);
  });

  test("one that would not load: 1, and why", async () => {
    using home = homeWith({ old: { abi_version: 2 } });
    const { status, stdout } = await home.run("info", "old");
    expect([status, stdout]).toEqual([1, expect.stringMatching(/^ {2}error ABI_MISMATCH: /m)]);
  });

  test("nothing that a plugin wrote moves the cursor", async () => {
    using home = homeWith({ made: { description: "a\u001b[2Jb\nc\u202e", version: "\u0007" } });
    for (const args of [
      ["info", "made"],
      ["list"],
      ["validate", "made"],
      ["install", join(home.plugins, "made"), "--force"],
    ])
      expect((await home.run(...args)).stdout).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
    expect((await home.run("info", "made")).stdout).toContain("a\\x1b[2Jb\\nc\\xe2\\x80\\xae");
  });

  test.each([
    ["nothing", [], /info needs the directory or the name/],
    ["two", ["a", "b"], /`b` is one too many/],
  ])("refused: %s", async (_, args, message) => {
    expect(await run(["info", ...args])).toMatchObject({ status: 2, stderr: expect.stringMatching(message) });
  });
});
