// dlrpc install, update and remove: what is there afterwards, and what stays as it was.

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { libraryName } from "../../../fixtures/plugins.ts";
import { lacks } from "../../../fixtures/tools.ts";
import { ownProgram } from "../../support/paths.ts";
import { libraryOf } from "../../support/plugin-directory.ts";
import { KeyDirectory, signPlugin } from "../../support/signing.ts";
import { tarGz, zip } from "./archives.ts";
import { goodFiles, OperatorHome } from "./home.ts";

const modeOf = (path: string) => statSync(path).mode & 0o7777;

describe("A15: dlrpc install", () => {
  const within = (folder: string) => goodFiles().map((file) => ({ ...file, name: `${folder}${file.name}` }));
  test.each([
    ["a .tar.gz", tarGz(within(""))],
    ["a .tar.gz with one folder round it", tarGz(within("made-1.0.0/"))],
    ["a .tar.gz with ./ before each name", tarGz([{ name: "./", type: "5" }, ...within("./")])],
    ["a .zip", zip(goodFiles())],
    ["a .zip with one folder round it", zip([{ name: "made-1.0.0/", kind: 0o040000 }, ...within("made-1.0.0/")])],
    ["a .zip that is not compressed", zip(goodFiles().map((file) => ({ ...file, method: 0 })))],
  ])("installs from %s, whatever it is called", async (_, archive) => {
    using home = new OperatorHome();
    const { status, stdout, stderr } = await home.run("install", home.file("download", archive));
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toBe(`made 1.0.0 is installed in ${home.plugins}/made\n`);
    expect(home.installed).toEqual(["made"]);
    expect(readdirSync(join(home.plugins, "made")).sort()).toEqual([libraryName("made"), "plugin.json"]);
    const called = await home.run("exec", "made");
    expect([called.status, JSON.parse(called.stdout).success]).toEqual([0, true]);
  });

  test("installs from a directory what pack would pack: no hidden files, links to files of the plugin as files", async () => {
    using home = new OperatorHome();
    home.add("made", { as: ["real.so"] });
    symlinkSync("real.so", join(home.path, "made", libraryName("made")));
    home.directory("made/.git");
    home.file("made/.git/config", "x");
    expect(await home.run("install", "made")).toMatchObject({ status: 0, stderr: "" });
    const there = readdirSync(join(home.plugins, "made"), { withFileTypes: true });
    expect(there.map((entry) => [entry.name, entry.isFile()]).sort()).toEqual([
      [libraryName("made"), true],
      ["plugin.json", true],
      ["real.so", true],
    ]);
  });

  test("files belong to whoever installs, and nobody else may write to them, whatever archive and umask say", async () => {
    using home = new OperatorHome();
    const open = [...goodFiles(), { name: "data/tool", content: "x" }].map((file) => ({ ...file, mode: 0o6777 }));
    const plain = { name: "data/text", content: "x", mode: 0o666 };
    const archive = home.file("made.tar.gz", tarGz([{ name: "data", type: "5", mode: 0o777 }, ...open, plain]));
    const script = `umask 0; exec "$0" "$@"`;
    const env = { ...process.env, HOME: home.path };
    expect(spawnSync("sh", ["-c", script, ...ownProgram, "install", archive], { env }).status).toBe(0);
    const place = join(home.plugins, "made");
    expect([home.plugins, place, join(place, "data")].map(modeOf)).toEqual([0o755, 0o755, 0o755]);
    expect(["data/tool", "data/text"].map((name) => modeOf(join(place, name)))).toEqual([0o755, 0o644]);
    expect(statSync(join(place, "data/tool")).uid).toBe(process.getuid?.());
  });

  test.each([
    ["the same version", "1.0.0", "1.0.0", /^made: 1\.0\.0 is there already; --force /],
    ["an older one", "1.10.0", "1.9.0", /^made: 1\.10\.0 is there, which is newer than 1\.9\.0; --force /],
    ["a candidate of the same", "2.0.0", "2.0.0-rc.1", /newer than 2\.0\.0-rc\.1/],
    ["one that cannot be compared", "1.0.0", "latest", /cannot be compared with latest; --force /],
  ])("does not write over what is there with %s, unless it is told to", async (_, there, version, message) => {
    using home = new OperatorHome();
    home.file("there.zip", zip(goodFiles({ version: there })));
    home.file("next.zip", zip(goodFiles({ version })));
    await home.run("install", "there.zip");
    const refused = await home.run("install", "next.zip");
    expect(refused).toEqual({ status: 1, stdout: expect.stringMatching(message), stderr: "" });
    expect([home.version("made"), home.installed]).toEqual([there, ["made"]]);
    const forced = await home.run("install", "--force", "next.zip");
    expect([forced.status, forced.stdout]).toEqual([0, expect.stringContaining(`in the place of ${there}\n`)]);
    expect([home.version("made"), home.installed]).toEqual([version, ["made"]]);
  });

  test("a newer version takes the place of the older one, of which nothing is left", async () => {
    using home = new OperatorHome();
    home.file("1.zip", zip([...goodFiles({ version: "1.0.0-rc.9" }), { name: "old.txt", content: "x" }]));
    home.file("2.zip", zip(goodFiles({ version: "1.0.0-rc.10" })));
    await home.run("install", "1.zip");
    expect(await home.run("update", "2.zip")).toMatchObject({ status: 0, stderr: "" });
    expect(home.version("made")).toBe("1.0.0-rc.10");
    expect(readdirSync(join(home.plugins, "made")).sort()).toEqual([libraryName("made"), "plugin.json"]);
  });

  test("what would not load is not installed, and the reason is the one of a load", async () => {
    using home = new OperatorHome();
    home.add("made", { library: null });
    home.add("broken", { manifest: { version: 1 } });
    home.add("text", { library: home.file("no-library", "text") });
    const reason = async (name: string) => {
      const { status, stderr } = await home.run("install", name);
      return `${status} ${stderr}`;
    };
    expect(await reason("made")).toMatch(/^3 dlrpc: LIBRARY_NOT_FOUND: made holds none of .*\n {2}Build the library/);
    expect(await reason("broken")).toMatch(/^3 dlrpc: INVALID_PLUGIN: broken\/plugin\.json: version: /);
    expect(await reason("text")).toMatch(/^3 dlrpc: LIBRARY_LOAD_FAILED: text\/libtext\.so is not a shared library/);
    expect(home.installed).toEqual([]);
  });

  test("--require-signature takes what the key has signed, and nothing else", async () => {
    using home = new OperatorHome();
    using keys = new KeyDirectory();
    const [author, other] = [await keys.generate("author"), await keys.generate("other")];
    const directory = home.add("made");
    const install = (key: string) => home.run("install", "made", "--require-signature", key);
    expect(await install(author.public)).toMatchObject({
      status: 6,
      stderr: expect.stringMatching(/INTEGRITY_FAILED: There is no made\/plugin\.json\.minisig/),
    });
    await signPlugin(directory, author);
    expect(await install(other.public)).toMatchObject({
      status: 6,
      stderr: expect.stringContaining(`accepted: ${other.id}`),
    });
    expect(home.installed).toEqual([]);
    expect(await install(author.public)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`signed with ${author.id}\n`),
    });
    writeFileSync(join(directory, libraryName("made")), readFileSync(libraryOf("echo")));
    const changed = await home.run("install", "made", "--force", "--require-signature", author.public);
    expect(changed).toMatchObject({ status: 6, stderr: expect.stringMatching(/INTEGRITY_FAILED: .*has the sha256/) });
    expect((await home.run("verify", join(home.plugins, "made"), "--key", author.public)).status).toBe(0);
  });

  test("what is there and is no plugin stays", async () => {
    using home = new OperatorHome();
    home.file("made.zip", zip(goodFiles()));
    mkdirSync(join(home.plugins, "made", "letters"), { recursive: true });
    const { status, stderr } = await home.run("install", "--force", "made.zip");
    expect([status, stderr]).toEqual([2, expect.stringMatching(/made is no plugin, and stays/)]);
    expect(home.installed).toEqual(["made"]);
    expect(readdirSync(join(home.plugins, "made"))).toEqual(["letters"]);
  });

  test("a link among the plugins is replaced, and what it leads to is not touched", async () => {
    using home = new OperatorHome();
    home.file("made.zip", zip(goodFiles({ version: "2.0.0" })));
    const source = home.add("made");
    mkdirSync(home.plugins, { recursive: true });
    symlinkSync(source, join(home.plugins, "made"));
    expect(await home.run("install", "made.zip")).toMatchObject({ status: 0 });
    expect(home.version("made")).toBe("2.0.0");
    expect(JSON.parse(readFileSync(join(source, "plugin.json"), "utf8")).version).toBe("1.0.0");
  });

  test("a warning is shown with its place: another plugin of the same name", async () => {
    using home = new OperatorHome();
    home.file("made.zip", zip(goodFiles()));
    home.directory(".vtcode/plugins");
    home.add(".vtcode/plugins/elsewhere", { manifest: { name: "made" }, as: [libraryName("made")] });
    const { status, stdout } = await home.run("install", "made.zip");
    expect([status, stdout]).toEqual([0, expect.stringMatching(/warning NAME_NOT_UNIQUE: .*elsewhere/)]);
  });

  test.each([
    ["nothing", ["install"], /install needs a plugin's directory or archive/],
    ["two plugins", ["install", "a", "b"], /`b` is one too many/],
    ["what is not there", ["install", "nowhere"], /nowhere cannot be reached \(ENOENT\)/],
    ["what is no archive", ["install", "text"], /text is no archive that is known here/],
    ["a device", ["install", "/dev/zero"], /neither a directory nor a regular file/],
    ["a directory that is no plugin", ["install", "empty"], /empty holds no plugin\.json/],
    ["an archive of two plugins", ["install", "two.zip"], /two\.zip holds no plugin\.json/],
    ["a key that is none", ["install", "text", "--require-signature", "text"], /text is no public key of minisign/],
  ])("refused: %s", async (_, args, message) => {
    using home = new OperatorHome();
    home.file("text", "no archive");
    home.directory("empty");
    home.file("made.zip", zip(goodFiles()));
    home.file(
      "two.zip",
      zip(["a/", "b/"].flatMap((folder) => goodFiles().map((file) => ({ ...file, name: folder + file.name })))),
    );
    const { status, stdout, stderr } = await home.run(...args);
    expect([status, stdout, stderr]).toEqual([2, "", expect.stringMatching(message)]);
    expect(home.installed).toEqual([]);
  });

  test("refused: an update of what is not there", async () => {
    using home = new OperatorHome();
    home.file("made.zip", zip(goodFiles()));
    const { status, stderr } = await home.run("update", "made.zip");
    expect([status, stderr]).toEqual([
      3,
      expect.stringMatching(/PATH_NOT_FOUND: made is not in .*\n {2}dlrpc install puts it there/),
    ]);
    expect(home.installed).toEqual([]);
  });

  test("refused: a HOME that is none, and one where nothing can be made", async () => {
    using home = new OperatorHome();
    home.file("made.zip", zip(goodFiles()));
    const file = home.file("file", "");
    const run = (HOME: string) =>
      spawnSync(ownProgram[0] as string, [...ownProgram.slice(1), "install", "made.zip"], {
        env: { ...process.env, HOME },
        cwd: home.path,
        encoding: "utf8",
      });
    expect(run("relative").stderr).toMatch(/HOME is not set to an absolute path/);
    expect(run(file).stderr).toMatch(/cannot be made: ENOTDIR/);
  });

  test("one dlrpc at a time: another's work is not undone", async () => {
    using home = new OperatorHome();
    home.file("made.zip", zip(goodFiles()));
    home.directory(".vtcode/plugins/.dlrpc-staging/new");
    const held = spawnSync("flock", [home.plugins, ...ownProgram, "install", "made.zip"], {
      env: { ...process.env, HOME: home.path },
      cwd: home.path,
      encoding: "utf8",
    });
    expect([held.status, held.stderr]).toEqual([2, expect.stringMatching(/another dlrpc is installing or removing/)]);
    expect(home.installed).toEqual([".dlrpc-staging"]);
  });
});

describe.skipIf(lacks("strace"))("killed at any step", () => {
  const steps = ["mkdir:when=1", "fsync:when=1", "fsync:when=3", "renameat2:when=1", "fsync:when=4"];
  test.each(steps)("%s: the old plugin is there whole, or the new one; the next run leaves nothing", async (step) => {
    using home = new OperatorHome();
    home.file("1.zip", zip(goodFiles({ version: "1.0.0" })));
    home.file("2.zip", zip(goodFiles({ version: "2.0.0" })));
    await home.run("install", "1.zip");
    const [call = "", when] = step.split(":");
    const inject = ["-f", "-qq", "-o", "/dev/null", "-e", `trace=${call}`, "-e", `inject=${call}:signal=KILL:${when}`];
    const env = { ...process.env, HOME: home.path };
    const killed = spawnSync("strace", [...inject, ...ownProgram, "install", "2.zip"], { env, cwd: home.path });
    expect(killed.signal).toBe("SIGKILL");
    expect(["1.0.0", "2.0.0"]).toContain(home.version("made"));
    expect((await home.run("exec", "made")).status).toBe(0);
    const listed = JSON.parse((await home.run("list", "--json")).stdout);
    expect(listed.plugins).toHaveLength(1);
    expect((await home.run("install", "--force", "2.zip")).status).toBe(0);
    expect([home.version("made"), home.installed]).toEqual(["2.0.0", ["made"]]);
  });

  test("between the two steps of a file system that cannot exchange names: the old one comes back", async () => {
    using home = new OperatorHome();
    home.file("1.zip", zip(goodFiles({ version: "1.0.0" })));
    home.file("2.zip", zip(goodFiles({ version: "2.0.0" })));
    await home.run("install", "1.zip");
    const staging = join(home.plugins, ".dlrpc-staging", "old");
    mkdirSync(staging, { recursive: true });
    renameSync(join(home.plugins, "made"), join(staging, "made"));
    expect((await home.run("update", "2.zip")).stdout).toContain("in the place of 1.0.0");
    expect(home.installed).toEqual(["made"]);
  });

  test.each([
    ["a disk that is full", "fsync", "ENOSPC"],
    ["a directory that must not be changed", "renameat2", "EACCES"],
  ])("%s: one sentence, the old plugin, and nothing else", async (_, call, error) => {
    using home = new OperatorHome();
    home.file("1.zip", zip(goodFiles({ version: "1.0.0" })));
    home.file("2.zip", zip(goodFiles({ version: "2.0.0" })));
    await home.run("install", "1.zip");
    const inject = ["-f", "-qq", "-o", "/dev/null", "-e", `trace=${call}`, "-e", `inject=${call}:error=${error}`];
    const env = { ...process.env, HOME: home.path };
    const { status, stderr } = spawnSync("strace", [...inject, ...ownProgram, "install", "2.zip"], {
      env,
      cwd: home.path,
      encoding: "utf8",
    });
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(new RegExp(`^dlrpc: 2\\.zip cannot be installed in .*: .*${error}.*\n$`)),
    ]);
    expect([home.version("made"), home.installed]).toEqual(["1.0.0", ["made"]]);
  });

  test("a file system that cannot exchange names: in two steps", async () => {
    using home = new OperatorHome();
    home.file("1.zip", zip(goodFiles({ version: "1.0.0" })));
    home.file("2.zip", zip(goodFiles({ version: "2.0.0" })));
    await home.run("install", "1.zip");
    const inject = ["-f", "-qq", "-o", "/dev/null", "-e", "trace=renameat2", "-e", "inject=renameat2:error=EINVAL"];
    const env = { ...process.env, HOME: home.path };
    expect(spawnSync("strace", [...inject, ...ownProgram, "install", "2.zip"], { env, cwd: home.path }).status).toBe(0);
    expect([home.version("made"), home.installed]).toEqual(["2.0.0", ["made"]]);
  });
});

describe("A15: dlrpc remove", () => {
  test("removes a plugin by the name that it says, and nothing else", async () => {
    using home = new OperatorHome();
    home.directory(".vtcode/plugins");
    home.add(".vtcode/plugins/made-1.0", { manifest: { name: "made" }, as: [libraryName("made")] });
    home.add(".vtcode/plugins/other", { manifest: { name: "other" }, as: [libraryName("other")] });
    const { status, stdout } = await home.run("remove", "made");
    expect([status, stdout]).toEqual([0, `${join(home.plugins, "made-1.0")} is removed\n`]);
    expect(home.installed).toEqual(["other"]);
  });

  test("a link to a plugin goes, and what it leads to stays; what the name then means is said", async () => {
    using home = new OperatorHome();
    const source = home.add("made");
    home.directory(".vtcode/plugins");
    home.directory(".agents/plugins");
    home.add(".agents/plugins/made", { manifest: { name: "made" }, as: [libraryName("made")] });
    symlinkSync(source, join(home.plugins, "made"));
    const { status, stdout } = await home.run("remove", "made");
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(/is removed; what it led to stays\nmade is now .*\.agents\/plugins\/made\n/),
    ]);
    expect([home.installed, existsSync(join(source, "plugin.json"))]).toEqual([[], true]);
  });

  test("one whose plugin.json is broken goes by its directory's name", async () => {
    using home = new OperatorHome();
    home.directory(".vtcode/plugins");
    home.add(".vtcode/plugins/made", { manifest: "{", as: ["x.so"] });
    expect((await home.run("remove", "made")).status).toBe(0);
    expect(home.installed).toEqual([]);
  });

  test.each([
    ["nothing", [], /remove needs the name of a plugin/, 2],
    ["two", ["a", "b"], /`b` is one too many/, 2],
    ["a path", ["./made"], /`\.\/made` is no plugin's name/, 2],
    ["one that leads out", [".."], /`\.\.` is no plugin's name/, 2],
    ["what is not there", ["nowhere"], /There is no plugin nowhere in a trusted directory/, 3],
    ["a directory that is no plugin", ["letters"], /There is no plugin letters/, 3],
  ])("refused: %s", async (_, args, message, expected) => {
    using home = new OperatorHome();
    mkdirSync(join(home.plugins, "letters"), { recursive: true });
    const { status, stderr } = await home.run("remove", ...args);
    expect([status, stderr]).toEqual([expected, expect.stringMatching(message)]);
    expect(home.installed).toEqual(["letters"]);
  });

  test.skipIf(process.getuid?.() !== 0)("refused: a directory of somebody else", async () => {
    using home = new OperatorHome();
    home.directory(".vtcode/plugins");
    home.add(".vtcode/plugins/made", { as: ["x.so"] });
    chmodSync(home.plugins, 0o755);
    spawnSync("chown", ["12345", home.plugins]);
    const { status, stderr } = await home.run("remove", "made");
    expect([status, stderr]).toEqual([2, expect.stringMatching(/belongs to user 12345, and dlrpc runs as user 0/)]);
    expect(home.installed).toEqual(["made"]);
    rmSync(join(home.plugins, "made"), { recursive: true });
  });
});
