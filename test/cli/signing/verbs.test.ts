// dlrpc keygen, sign and verify: what they write, what they refuse, and where passwords come from.

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { program } from "../../support/paths.ts";
import { libraryOf, PluginDirectory } from "../../support/plugin-directory.ts";
import { run } from "../../support/run.ts";
import { KeyDirectory, signPlugin, succeed } from "../../support/signing.ts";

const hasScript = spawnSync("script", ["--version"]).status === 0 || process.env.CI === "true";
const sha256 = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");
const modeOf = (path: string) => statSync(path).mode & 0o777;

describe("dlrpc keygen", () => {
  test("writes a secret key that only its owner may read, and a public key, whatever the umask", async () => {
    using keys = new KeyDirectory();
    const secret = join(keys.path, "author.key");
    const script = `umask 0; exec '${process.execPath}' '${program}' keygen --no-password --key '${secret}'`;
    const printed = execFileSync("sh", ["-c", script], { encoding: "utf8" });
    expect(printed).toMatch(/author\.key: the secret key [0-9A-F]{16}, without a password; .*\n.*author\.pub: /);
    expect([modeOf(secret), modeOf(join(keys.path, "author.pub"))]).toEqual([0o600, 0o644]);
    expect(readdirSync(keys.path).toSorted()).toEqual(["author.key", "author.pub"]);
  });

  test("two keys are different", async () => {
    using keys = new KeyDirectory();
    expect((await keys.generate("a")).id).not.toBe((await keys.generate("b")).id);
  });

  test("does not write over either file without --force", async () => {
    using keys = new KeyDirectory();
    const pair = await keys.generate("k");
    const before = readFileSync(pair.secret, "utf8");
    const again = ["keygen", "--no-password", "--key", pair.secret];
    const refused = await run(again);
    expect([refused.status, refused.stderr]).toEqual([2, expect.stringMatching(/k\.key exists, .*--force/)]);
    rmSync(pair.secret);
    const half = await run(again);
    expect([half.status, half.stderr]).toEqual([2, expect.stringMatching(/k\.pub exists/)]);
    expect(existsSync(pair.secret)).toBe(false);
    await succeed([...again, "--force"]);
    expect(readFileSync(pair.secret, "utf8")).not.toBe(before);
  });

  test.each([
    ["no file", ["--no-password"], /keygen needs --key FILE/],
    ["two sources of a password", ["--key=k", "--no-password", "--password-file=p"], /either --no-password or/],
    ["one file for both keys", ["--key=k", "--public-key=k", "--no-password"], /two files are needed/],
    ["a stray word", ["k"], /`k` is not understood/],
    ["a password as an argument", ["--key=k", "--password=secret"], /there is no option --password/],
    ["an empty password", ["--key=k", "--password-file=/dev/null"], /the password is empty/],
    ["a password file that is not there", ["--key=k", "--password-file=nowhere"], /--password-file: ENOENT/],
    ["a directory that is not there", ["--key=nowhere/k", "--no-password"], /nowhere\/k cannot be written: ENOENT/],
  ])("refused: %s", async (_, args, message) => {
    using keys = new KeyDirectory();
    const { status, stdout, stderr } = await run(["keygen", ...args], { cwd: keys.path });
    expect([status, stdout, stderr]).toEqual([2, "", expect.stringMatching(message)]);
    expect(readdirSync(keys.path)).toEqual([]);
  });
});

describe("passwords", () => {
  /** What a terminal shows and the program's status: each answer is typed when there is one more question. */
  async function typing(answers: string[], args: string[]): Promise<{ status: number | null; shown: string }> {
    const env = { ...process.env, NODE: process.execPath, PROGRAM: program };
    const command = `"$NODE" "$PROGRAM" ${args.map((arg) => `'${arg}'`).join(" ")}`;
    const child = spawn("script", ["-qec", command, "/dev/null"], { env, stdio: ["pipe", "pipe", "inherit"] });
    let shown = "";
    let asked = 0;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      shown += text;
      const questions = shown.match(/(Password of .*?|The same again): /g)?.length ?? 0;
      for (; asked < questions; asked++) child.stdin.write(answers[asked] ?? "");
    });
    await once(child, "close");
    return { status: child.exitCode, shown };
  }

  test("from a file, from stdin, from the environment; a wrong one is said to be wrong", async () => {
    using keys = new KeyDirectory();
    using plugins = new PluginDirectory();
    const { secret } = await keys.withPassword("k", "right");
    const directory = plugins.add("made");
    const signing = ["sign", directory, "--key", secret];
    await succeed([...signing, "--password-file", keys.file("password", "right\r\nsecond line\n")]);
    await succeed([...signing, "--password-file", "-"], { input: "right\n" });
    await succeed(signing, { env: { DLRPC_KEY_PASSWORD: "right" } });
    rmSync(join(directory, "plugin.json.minisig"));
    const wrong = await run([...signing, "--password-file", "-"], { input: "Right\n" });
    expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringMatching(/k\.key: the password is wrong/)]);
    expect(wrong.stderr).not.toContain("Right");
    expect(existsSync(join(directory, "plugin.json.minisig"))).toBe(false);
  });

  test.runIf(hasScript)("from the terminal, which does not show it", async () => {
    using keys = new KeyDirectory();
    using plugins = new PluginDirectory();
    const directory = plugins.add("made");
    const { secret } = await keys.withPassword("k", "swordfish");
    const signing = ["sign", directory, "--key", secret];
    const signed = await typing(["swordfish\r"], signing);
    expect(signed).toEqual({ status: 0, shown: expect.stringMatching(/^Password of .*k\.key: \r\n.*signed with/s) });
    expect(signed.shown).not.toContain("swordfish");
    expect(await typing(["swordfisk\x7fh\r"], signing)).toMatchObject({ status: 0 }); // corrected
    expect(await typing(["shark\r"], signing)).toMatchObject({ status: 2, shown: expect.stringContaining("is wrong") });
    const interrupted = await typing(["sword\x03"], signing);
    expect(interrupted).toMatchObject({ status: 2, shown: expect.stringContaining("no password was given") });
  });

  test.runIf(hasScript)("a new one is asked for twice", { timeout: 120_000 }, async () => {
    using keys = new KeyDirectory();
    const making = ["keygen", "--key", join(keys.path, "k.key")];
    const differing = await typing(["one\r", "two\r"], making);
    expect(differing).toMatchObject({ status: 2, shown: expect.stringContaining("the two passwords differ") });
    expect(readdirSync(keys.path)).toEqual([]);
    const made = await typing(["swordfish\r", "swordfish\r"], making);
    expect(made).toEqual({ status: 0, shown: expect.stringMatching(/: the secret key [0-9A-F]{16}; keep it/) });
    expect(readdirSync(keys.path).toSorted()).toEqual(["k.key", "k.pub"]);
  });

  test("without a terminal it says what to do", async () => {
    using keys = new KeyDirectory();
    const { secret } = await keys.withPassword("k", "right");
    using plugins = new PluginDirectory();
    const child = spawn(process.execPath, [program, "sign", plugins.add("made"), "--key", secret], {
      stdio: ["ignore", "ignore", "pipe"],
      detached: true, // a session of its own, and so no terminal
    });
    expect(await text(child.stderr)).toMatch(/--password-file FILE or DLRPC_KEY_PASSWORD/);
  });
});

describe("dlrpc sign", () => {
  test("lists the hashes of all libraries, of whatever system, and says so; then there is nothing to change", async () => {
    using keys = new KeyDirectory();
    using plugins = new PluginDirectory();
    const pair = await keys.generate("k");
    const directory = plugins.add("made");
    plugins.file("made/made.dll", "not looked into");
    plugins.file("made/libextra.so.1.2", "nor this");
    plugins.file("made/notes.txt", "no library");
    expect(await signPlugin(directory, pair)).toBe(
      [
        "plugin.json: the sha256 of libextra.so.1.2 was added",
        "plugin.json: the sha256 of libmade.so was added",
        "plugin.json: the sha256 of made.dll was added",
        `plugin.json.minisig: signed with ${pair.id}`,
        "",
      ].join("\n"),
    );
    const manifest = readFileSync(join(directory, "plugin.json"), "utf8");
    expect(JSON.parse(manifest).sha256).toEqual({
      "libextra.so.1.2": sha256(join(directory, "libextra.so.1.2")),
      "libmade.so": sha256(join(directory, "libmade.so")),
      "made.dll": sha256(join(directory, "made.dll")),
    });
    expect(await signPlugin(directory, pair)).toBe(`plugin.json.minisig: signed with ${pair.id}\n`);
    expect(readFileSync(join(directory, "plugin.json"), "utf8")).toBe(manifest);
    expect(await succeed(["verify", directory, "--key", pair.public])).toContain(`signed with ${pair.id}`);
  });

  test("brings hashes up to date, keeps files that the author listed, takes out what is gone", async () => {
    using keys = new KeyDirectory();
    using plugins = new PluginDirectory();
    const pair = await keys.generate("k");
    const zeros = "0".repeat(64);
    const directory = plugins.add("made", {
      manifest: { sha256: { "libmade.so": zeros, "data/model.bin": zeros, "gone.so": zeros } },
    });
    plugins.directory("made/data");
    plugins.file("made/data/model.bin", "a model");
    const printed = await signPlugin(directory, pair);
    expect(printed).toContain("plugin.json: the sha256 of libmade.so was brought up to date\n");
    expect(printed).toContain("plugin.json: the sha256 of data/model.bin was brought up to date\n");
    expect(printed).toContain("plugin.json: gone.so is not there, its sha256 was taken out\n");
    const { sha256: listed } = JSON.parse(readFileSync(join(directory, "plugin.json"), "utf8"));
    expect(listed).toEqual({
      "libmade.so": sha256(join(directory, "libmade.so")),
      "data/model.bin": sha256(join(directory, "data/model.bin")),
    });
  });

  test.each([
    [
      "on several lines",
      '{\n    "name": "made",\n    "version": "1.0.0", "big": 12345678901234567890,\n    "description": "x"\n}\n',
      '{\n    "name": "made",\n    "version": "1.0.0", "big": 12345678901234567890,\n    "description": "x",\n    "sha256": {\n        "libmade.so": "HASH"\n    }\n}\n',
    ],
    [
      "on one line",
      '{ "name": "made", "version": "1.0.0", "description": "x" }',
      '{ "name": "made", "version": "1.0.0", "description": "x", "sha256": { "libmade.so": "HASH" } }',
    ],
    [
      "with a byte order mark and a list in the middle",
      '\ufeff{"name":"made","sha256":{},"version":"1.0.0","description":"x"}',
      '\ufeff{"name":"made","sha256":{ "libmade.so": "HASH" },"version":"1.0.0","description":"x"}',
    ],
  ])("leaves the rest of plugin.json as it was written: %s", async (_, before, after) => {
    using keys = new KeyDirectory();
    using plugins = new PluginDirectory();
    const directory = plugins.add("made", { manifest: before });
    chmodSync(join(directory, "plugin.json"), 0o640);
    await signPlugin(directory, await keys.generate("k"));
    const hash = sha256(join(directory, "libmade.so"));
    expect(readFileSync(join(directory, "plugin.json"), "utf8")).toBe(after.replace("HASH", hash));
    expect(modeOf(join(directory, "plugin.json"))).toBe(0o640);
    expect(readdirSync(directory).toSorted()).toEqual(["libmade.so", "plugin.json", "plugin.json.minisig"]);
  });

  test.each([
    ["no plugin.json", { manifest: null }, /INVALID_PLUGIN: ENOENT/],
    ["a plugin.json that is not in order", { manifest: { version: 1 } }, /INVALID_PLUGIN: .*version: /],
    ["a list that is not in order", { manifest: { sha256: { "../x": 1 } } }, /INVALID_PLUGIN: .*sha256\.\.\.\/x: must/],
    [
      "no library",
      { library: null },
      /LIBRARY_NOT_FOUND: .*holds none of libmade\.so, made\.so, neither itself nor in lib\/.*\n.*Build the library/,
    ],
  ])("refused: %s", async (_, options, message) => {
    using keys = new KeyDirectory();
    using plugins = new PluginDirectory();
    const directory = plugins.add("made", options);
    const before = readdirSync(directory);
    const { status, stderr } = await run(["sign", directory, "--key", (await keys.generate("k")).secret]);
    expect([status, stderr]).toEqual([3, expect.stringMatching(message)]);
    expect(readdirSync(directory)).toEqual(before);
  });

  test("refused: a comment of two lines, and one that minisign would not read", async () => {
    using keys = new KeyDirectory();
    using plugins = new PluginDirectory();
    const directory = plugins.add("made");
    const signing = ["sign", directory, "--key", (await keys.generate("k")).secret, "--comment"];
    expect(await run([...signing, "a\nb"])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/must be one line/),
    });
    expect(await run([...signing, "x".repeat(8200)])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/has 8200 bytes, at most 81\d\d fit/),
    });
    expect(readdirSync(directory).toSorted()).toEqual(["libmade.so", "plugin.json"]);
  });

  test.each([
    ["no key", [], /sign needs --key FILE/],
    ["a key that is not there", ["--key=nowhere"], /--key: ENOENT/],
    ["a public key", ["--key=k.pub"], /k\.pub is no secret key of minisign: its second line has 42 bytes, 158 are/],
    ["two plugins", ["other", "--key=k.key"], /`other` is one too many/],
  ])("refused: %s", async (_, args, message) => {
    using keys = new KeyDirectory();
    using plugins = new PluginDirectory();
    await keys.generate("k");
    const { status, stderr } = await run(["sign", plugins.add("made"), ...args], { cwd: keys.path });
    expect([status, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  test("a secret key that is damaged is not used", async () => {
    using keys = new KeyDirectory();
    using plugins = new PluginDirectory();
    const { secret } = await keys.generate("k");
    const [comment, line = ""] = readFileSync(secret, "utf8").split("\n");
    const bytes = Buffer.from(line, "base64");
    const directory = plugins.add("made");
    const outcome = async (at: number) => {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] as number) ^ 1;
      const key = keys.file("damaged", `${comment}\n${damaged.toString("base64")}\n`);
      return (await run(["sign", directory, "--key", key])).stderr;
    };
    expect(await outcome(0)).toMatch(/it is of an unknown kind/);
    expect(await outcome(2)).toMatch(/encrypted in an unknown way/);
    expect(await outcome(4)).toMatch(/it is of an unknown kind/);
    expect(await outcome(62)).toMatch(/its public half is that of another key/);
    expect(await outcome(125)).toMatch(/its public half is that of another key/);
    expect(existsSync(join(directory, "plugin.json.minisig"))).toBe(false);
  });
});

describe("dlrpc verify", () => {
  test("any of several keys counts", async () => {
    using keys = new KeyDirectory();
    using plugins = new PluginDirectory();
    const [a, b] = [await keys.generate("a"), await keys.generate("b")];
    const directory = plugins.add("made");
    await signPlugin(directory, b);
    const verifying = ["verify", directory, "--key", a.public];
    expect(await succeed([...verifying, "--key", b.public])).toContain(`signed with ${b.id}`);
    const { status, stdout } = await run(verifying);
    expect([status, stdout]).toEqual([1, expect.stringContaining(`made with the key ${b.id}; accepted: ${a.id}`)]);
  });

  test("everything that is not as it was signed, at once", async () => {
    using keys = new KeyDirectory();
    using plugins = new PluginDirectory();
    const pair = await keys.generate("k");
    const directory = plugins.add("made");
    plugins.file("made/extra.so", "as it was signed");
    await signPlugin(directory, pair);
    plugins.library("made/libmade.so", libraryOf("echo"));
    plugins.file("made/extra.so", "changed");
    const { status, stdout } = await run(["verify", directory, "--key", pair.public]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/libmade\.so has the sha256 [0-9a-f]{64}, but plugin\.json lists [0-9a-f]{64}\n {2}\w/);
    expect(stdout).toMatch(/extra\.so has the sha256 /);
  });

  test("refused: no key, no directory, a secret key, a plugin that is no plugin", async () => {
    using keys = new KeyDirectory();
    using plugins = new PluginDirectory();
    const pair = await keys.generate("k");
    const outcome = async (...args: string[]) => {
      const { status, stderr } = await run(["verify", ...args]);
      return `${status} ${stderr}`;
    };
    expect(await outcome(plugins.path)).toMatch(/^2 .*verify needs --key KEYFILE/);
    expect(await outcome("--key", pair.public)).toMatch(/^2 .*needs the plugin's directory/);
    expect(await outcome(plugins.path, "--key", pair.secret)).toMatch(
      /^2 .*is no public key of minisign: .*158 bytes, 42/,
    );
    expect(await outcome(plugins.path, "--key", pair.public)).toMatch(/^3 .*INVALID_PLUGIN/);
    expect(await outcome(join(plugins.path, "nowhere"), "--key", pair.public)).toMatch(/^3 .*PATH_NOT_FOUND/);
  });

  test("a library that lies elsewhere is not followed", async () => {
    using keys = new KeyDirectory();
    using plugins = new PluginDirectory();
    const pair = await keys.generate("k");
    const directory = plugins.add("made", { library: null });
    symlinkSync(libraryOf("counter"), join(directory, "libmade.so"));
    await signPlugin(directory, pair);
    const { status, stderr } = await run(["verify", directory, "--key", pair.public]);
    expect([status, stderr]).toEqual([6, expect.stringContaining("UNTRUSTED_PATH")]);
  });
});
