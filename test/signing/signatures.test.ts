// Hashes that plugin.json lists (T5), and signatures over it (T6): what loads, what is refused, and why.

import { createHash } from "node:crypto";
import { readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { manifestText } from "../../fixtures/manifest.ts";
import { Host } from "../support/host.ts";
import { libraryOf, PluginDirectory, type PluginOptions } from "../support/plugin-directory.ts";
import { run } from "../support/run.ts";
import { shareHost } from "../support/shared-host.ts";
import { KeyDirectory, signatureOf, signPlugin, succeed } from "../support/signing.ts";
import { TemporaryDirectory } from "../support/temporary-directory.ts";

const hash = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");
const counterHash = () => hash(libraryOf("counter"));
const zeros = "0".repeat(64);

interface Problem {
  code: string;
  severity: string;
  message: string;
}

/** How plugin/load went: what of it is of interest, or the error. validate and discover must say the same. */
async function load(
  host: Host,
  path: string,
): Promise<{ signature?: object | null; problems: string[]; text: string }> {
  const { result, error, text } = await host.request("plugin/load", { path });
  const { problems } = await host.result("plugin/validate", { path });
  const found: Problem[] = problems.filter(({ code }: Problem) => code !== "UNTRUSTED_PATH");
  const { plugins } = await host.result("plugin/discover", { dirs: [join(path, "..")] });
  expect(plugins.find((plugin: { path: string }) => plugin.path === path).problems).toEqual(problems);
  const errors = found.filter(({ severity }) => severity === "error");
  if (error === undefined) {
    expect([errors, result.warnings]).toEqual([[], found]);
    return { signature: result.signature, problems: found.map(({ code }) => code), text };
  }
  expect(errors[0]).toMatchObject({ code: error.data.kind, message: error.message });
  return { problems: found.map(({ code }) => code), text };
}

/** Trusted by the hosts that tests share. */
const root = new TemporaryDirectory();
afterAll(() => root[Symbol.dispose]());

describe("T5: a file that plugin.json lists has the hash that it lists, signed or not", () => {
  const shared = shareHost({ trust: [root.path] });

  async function loading(options: PluginOptions, also: (plugins: PluginDirectory) => void = () => {}) {
    using plugins = new PluginDirectory(root);
    const path = plugins.add("counter", options);
    also(plugins);
    return await load(shared.host, path);
  }
  const listing = (sha256: object): PluginOptions => ({ manifest: { sha256 } });

  test("the library as listed, in lower and in upper case", async () => {
    expect(await loading(listing({ "libcounter.so": counterHash() }))).toMatchObject({ signature: null, problems: [] });
    expect((await loading(listing({ "libcounter.so": counterHash().toUpperCase() }))).problems).toEqual([]);
  });

  test("another library: INTEGRITY_FAILED with file, expected and actual", async () => {
    using plugins = new PluginDirectory();
    const path = plugins.add("counter", listing({ "libcounter.so": zeros }));
    await using host = new Host({ trust: [plugins.path] });
    const { code, message, data } = await host.error("plugin/load", { path });
    expect(code).toBe(-32009);
    expect(message).toBe(
      `${join(path, "libcounter.so")} has the sha256 ${counterHash()}, but plugin.json lists ${zeros}`,
    );
    expect(data).toMatchObject({
      kind: "INTEGRITY_FAILED",
      plugin: "counter",
      path: join(path, "libcounter.so"),
      expected: zeros,
      actual: counterHash(),
      hint: expect.any(String),
    });
    expect((await load(host, path)).problems).toEqual(["INTEGRITY_FAILED"]);
    expect((await host.result("plugin/list")).plugins).toEqual([]);
  });

  test("a list without the library: one under a name that is tried earlier does not come in", async () => {
    const listed = listing({ "counter.so": counterHash() });
    const earlier = await loading(listed, (plugins) => {
      plugins.library("counter/counter.so", "counter");
      plugins.library("counter/libcounter.so", "echo");
    });
    expect(earlier.problems).toEqual(["INTEGRITY_FAILED"]);
    expect(earlier.text).toContain("plugin.json lists hashes, but none of libcounter.so");
    expect((await loading({ ...listed, as: ["counter.so"] })).problems).toEqual([]);
    expect((await loading(listing({}))).problems).toEqual(["INTEGRITY_FAILED"]);
  });

  test("other files: another hash is an error, a missing one a warning, all of it at once", async () => {
    const sha256 = { "libcounter.so": counterHash(), "data/a": zeros, b: zeros, "counter.dll": zeros };
    const found = await loading(listing(sha256), (plugins) => {
      plugins.directory("counter/data");
      plugins.file("counter/data/a", "a");
      plugins.file("counter/b", "b");
    });
    expect(found.problems).toEqual(["INTEGRITY_FAILED", "INTEGRITY_FAILED", "LISTED_FILE_MISSING"]);
    const good = { "libcounter.so": counterHash(), "data/a": createHash("sha256").update("a").digest("hex") };
    const fine = await loading(listing(good), (plugins) => {
      plugins.directory("counter/data");
      plugins.file("counter/data/a", "a");
    });
    expect(fine.problems).toEqual([]);
  });

  test("T2: a listed file that is a link out of what is trusted is not read", async () => {
    using elsewhere = new PluginDirectory();
    using plugins = new PluginDirectory();
    const target = elsewhere.file("data", "a");
    const path = plugins.add("counter", listing({ "libcounter.so": counterHash(), data: hash(target) }));
    symlinkSync(target, join(path, "data"));
    await using host = new Host({ trust: [plugins.path] });
    expect((await host.error("plugin/load", { path })).data).toMatchObject({ kind: "UNTRUSTED_PATH", path: target });
  });

  test.each([
    ["no object", [], /sha256: must be an object/],
    ["a short hash", { "libcounter.so": "00" }, /sha256\.libcounter\.so: must be the 64 digits that sha256sum prints/],
    ["a hash that is no text", { "libcounter.so": 5 }, /sha256\.libcounter\.so: must be the 64 digits/],
    ["base64", { "libcounter.so": `sha256-${"A".repeat(43)}=` }, /must be the 64 digits/],
    ["a path that leads out", { "../counter/libcounter.so": zeros }, /must name a file of the plugin/],
    ["an absolute path", { "/etc/passwd": zeros }, /must name a file of the plugin/],
    ["an empty name", { "": zeros }, /must name a file of the plugin/],
    ["a detour", { "./libcounter.so": zeros }, /must name a file of the plugin/],
    ["a backslash", { "a\\b": zeros }, /must name a file of the plugin/],
  ])("INVALID_PLUGIN: %s", async (_, sha256, message) => {
    const found = await loading(listing(sha256));
    expect(found.problems).toContain("INVALID_PLUGIN");
    expect(JSON.parse(found.text).error.message).toMatch(message);
  });

  test("null means that none are listed", async () => {
    expect((await loading({ manifest: { sha256: null } })).problems).toEqual([]);
  });

  test("at a reload, too: the old code stays", async () => {
    using plugins = new PluginDirectory();
    const path = plugins.add("counter", listing({ "libcounter.so": counterHash() }));
    await using host = new Host({ trust: [plugins.path] });
    const { handle } = await host.result("plugin/load", { path });
    plugins.library("counter/libcounter.so", "echo");
    const { data } = await host.error("plugin/reload", { handle });
    expect(data).toMatchObject({ kind: "INTEGRITY_FAILED", expected: counterHash(), actual: hash(libraryOf("echo")) });
    expect((await host.result("plugin/execute", { handle })).output.count).toBe(1);
  });
});

describe("T6: signatures", () => {
  /** The author's key and another one: no plugin changes them. */
  const made = new KeyDirectory();
  beforeAll(async () => {
    for (const name of ["author", "other"]) await made.generate(name);
  });
  afterAll(() => made[Symbol.dispose]());

  /** Hosts where signatures are required, verified, and not looked at. */
  const hostsWith = (key: string) => {
    const all = [["--require-signature", key], ["--signature-key", key], []];
    return all.map((args) => shareHost({ trust: [root.path], args }));
  };
  const hosts = { author: hostsWith(made.pair("author").public), other: hostsWith(made.pair("other").public) };

  /** A signed plugin, and copies of the keys. */
  class Scene implements Disposable {
    readonly keys = new KeyDirectory();
    readonly plugins = new PluginDirectory(root);
    readonly path = this.plugins.add("counter");
    readonly signature = join(this.path, "plugin.json.minisig");
    readonly manifest = join(this.path, "plugin.json");
    readonly author = this.keys.copy(made, "author");
    readonly other = this.keys.copy(made, "other");

    static async make(): Promise<Scene> {
      const scene = new Scene();
      await signPlugin(scene.path, scene.author);
      return scene;
    }

    host(...args: string[]): Host {
      return new Host({ trust: [this.plugins.path], args });
    }

    /** How the plugin loads where signatures are required, verified, and not looked at. */
    async outcomes(key: keyof typeof hosts = "author"): Promise<Awaited<ReturnType<typeof load>>[]> {
      const found = [];
      for (const { host } of hosts[key]) found.push(await load(host, this.path));
      return found;
    }

    [Symbol.dispose](): void {
      this.keys[Symbol.dispose]();
      this.plugins[Symbol.dispose]();
    }
  }

  const refused = (reason: string) => ({
    problems: ["INTEGRITY_FAILED"],
    text: expect.stringContaining(reason),
  });
  const unsigned = { signature: null, problems: [] };

  test("by a given key, it is shown; by no key it is not looked at", async () => {
    using scene = await Scene.make();
    const comment = /^trusted comment: (.*)$/m.exec(readFileSync(scene.signature, "utf8"))?.[1];
    expect(comment).toMatch(/^timestamp:\d+\tfile:plugin\.json\thashed$/);
    const signed = { signature: { keyId: scene.author.id, comment }, problems: [] };
    expect(await scene.outcomes()).toMatchObject([signed, signed, unsigned]);
  });

  test("no signature", async () => {
    using scene = await Scene.make();
    rmSync(scene.signature);
    const required = refused(`a signature by one of these keys is required: ${scene.author.id}`);
    expect(await scene.outcomes()).toMatchObject([required, unsigned, unsigned]);
  });

  test("by a foreign key", async () => {
    using scene = await Scene.make();
    const reason = `it was made with the key ${scene.author.id}; accepted: ${scene.other.id}`;
    const unknown = { signature: null, problems: ["SIGNATURE_KEY_UNKNOWN"], text: expect.stringContaining(reason) };
    expect(await scene.outcomes("other")).toMatchObject([refused(reason), unknown, unsigned]);
  });

  test("by a foreign key that calls itself by the number of a given one", async () => {
    using scene = await Scene.make();
    await signPlugin(scene.path, scene.other);
    const lines = readFileSync(scene.signature, "utf8").split("\n");
    const bytes = Buffer.from(lines[1] as string, "base64");
    Buffer.from(scene.author.id, "hex").reverse().copy(bytes, 2);
    lines[1] = bytes.toString("base64");
    writeFileSync(scene.signature, lines.join("\n"));
    const reason = `it was not made by the key ${scene.author.id} for these bytes`;
    expect(await scene.outcomes()).toMatchObject([refused(reason), refused(reason), unsigned]);
  });

  test("of other bytes: a single space more in plugin.json", async () => {
    using scene = await Scene.make();
    writeFileSync(scene.manifest, `${readFileSync(scene.manifest, "utf8")} `);
    const reason = "it was not made by the key";
    expect(await scene.outcomes()).toMatchObject([refused(reason), refused(reason), unsigned]);
  });

  test("with another trusted comment", async () => {
    using scene = await Scene.make();
    writeFileSync(scene.signature, readFileSync(scene.signature, "utf8").replace("timestamp:1", "timestamp:2"));
    const reason = "its trusted comment was not signed by the key";
    expect(await scene.outcomes()).toMatchObject([refused(reason), refused(reason), unsigned]);
  });

  test("in the legacy form, by a given key and by another", async () => {
    using scene = await Scene.make();
    writeFileSync(scene.signature, signatureOf(readFileSync(scene.manifest), scene.author, "Ed"));
    const reason = "it has minisign's legacy form `Ed`; the prehashed form `ED` is needed";
    expect(await scene.outcomes()).toMatchObject([refused(reason), refused(reason), unsigned]);
    const unknown = { problems: ["SIGNATURE_KEY_UNKNOWN"] };
    expect(await scene.outcomes("other")).toMatchObject([refused("made with the key"), unknown, unsigned]);
  });

  test("of another library than the one that is there", async () => {
    using scene = await Scene.make();
    scene.plugins.library("counter/libcounter.so", "echo");
    const reason = "but plugin.json lists";
    expect(await scene.outcomes()).toMatchObject([refused(reason), refused(reason), refused(reason)]);
  });

  test("of a plugin.json without hashes: it says nothing about the code", async () => {
    using scene = await Scene.make();
    writeFileSync(scene.manifest, manifestText({ name: "counter" }));
    writeFileSync(scene.signature, signatureOf(readFileSync(scene.manifest), scene.author));
    const reason = "plugin.json lists no sha256 of libcounter.so, so its signature says nothing about the code";
    const warned = { signature: null, problems: ["SIGNATURE_WITHOUT_HASHES"] };
    expect(await scene.outcomes()).toMatchObject([refused(reason), warned, unsigned]);
  });

  test("--require-signature with several keys: any of them counts", async () => {
    using scene = await Scene.make();
    await using host = scene.host(
      "--require-signature",
      scene.other.public,
      "--require-signature",
      scene.author.public,
    );
    expect(await load(host, scene.path)).toMatchObject({ signature: { keyId: scene.author.id } });
  });

  test("plugin/reload looks at the signature anew, and a name is looked up among what is refused, too", async () => {
    using scene = await Scene.make();
    await using host = scene.host("--require-signature", scene.author.public);
    const { handle } = await host.result("plugin/load", { name: "counter" });
    await signPlugin(scene.path, scene.other);
    expect((await host.error("plugin/reload", { handle })).data).toMatchObject({ kind: "INTEGRITY_FAILED", handle });
    expect((await host.error("plugin/load", { name: "counter" })).data).toMatchObject({
      kind: "INTEGRITY_FAILED",
      problem: expect.stringContaining(scene.other.id),
      hint: expect.stringContaining("--require-signature"),
    });
    await succeed(["sign", scene.path, "--key", scene.author.secret, "--comment", "again"]);
    const { signature } = await host.result("plugin/reload", { handle });
    expect(signature).toEqual({ keyId: scene.author.id, comment: "again" });
  });

  test("dlrpc exec takes the same options", async () => {
    using scene = await Scene.make();
    expect(await succeed(["exec", scene.path, "--require-signature", scene.author.public])).toContain('"count":1');
    const { status, stdout, stderr } = await run(["exec", scene.path, "--require-signature", scene.other.public]);
    expect([status, stdout, stderr]).toEqual([6, "", expect.stringContaining("INTEGRITY_FAILED")]);
  });

  test("a key that is of no use: dlrpc does not start", async () => {
    using scene = await Scene.make();
    const starting = async (...args: string[]) => {
      const { status, stdout, stderr } = await run(["serve", ...args]);
      expect([status, stdout]).toEqual([2, ""]);
      return stderr;
    };
    const nowhere = join(scene.keys.path, "nowhere.pub");
    const damaged = scene.keys.file("damaged.pub", readFileSync(scene.author.public, "utf8").replace(/.\n$/, "\n"));
    const other = scene.keys.file("other.txt", "untrusted comment: x\nQUJD\n");
    expect(await starting("--require-signature", nowhere)).toMatch(/--require-signature: ENOENT.*dlrpc keygen/);
    expect(await starting("--signature-key", damaged)).toMatch(
      /damaged\.pub is no public key .*second line is not base64/,
    );
    expect(await starting("--signature-key", other)).toMatch(/second line has 3 bytes, 42 are needed/);
    expect(await starting("--signature-key", scene.author.secret)).toMatch(/second line has 158 bytes, 42 are needed/);
    expect(await starting("--signature-key", scene.signature)).toMatch(/second line has 74 bytes, 42 are needed/);
    expect(await starting("--signature-key", scene.author.public, "--require-signature", scene.author.public)).toMatch(
      /either --require-signature or --signature-key/,
    );
  });

  describe("damaged", () => {
    /** What plugin/validate says of each of these signature files, in the place of a good one. */
    async function verdicts(
      damage: (good: Buffer) => Iterable<Uint8Array>,
    ): Promise<{ file: string; reasons: string[] }[]> {
      using scene = await Scene.make();
      const good = readFileSync(scene.signature);
      await using host = scene.host("--require-signature", scene.author.public);
      const found = [];
      for (const file of damage(good)) {
        writeFileSync(scene.signature, file);
        const { problems } = await host.result("plugin/validate", { path: scene.path });
        expect(problems.every(({ code }: Problem) => code === "INTEGRITY_FAILED")).toBe(true);
        found.push({
          file: Buffer.from(file).toString("latin1"),
          reasons: problems.map(({ message }: Problem) => message),
        });
      }
      expect((await host.result("plugin/list")).plugins).toEqual([]);
      return found;
    }

    const reason = /plugin\.json\.minisig does not hold: it/;

    test("every truncation is refused with a reason; only the last line end may be missing", async () => {
      const found = await verdicts(function* (good) {
        for (let length = 0; length < good.length; length++) yield good.subarray(0, length);
      });
      expect(found.length).toBeGreaterThan(250);
      expect(found.pop()?.reasons).toEqual([]);
      for (const { file, reasons } of found) expect([file, reasons]).toEqual([file, [expect.stringMatching(reason)]]);
      const all = found.map(({ reasons }) => reasons[0]).join("\n");
      for (const part of ["ends before its second line", "ends before its third line", "ends before its fourth line"]) {
        expect(all).toContain(part);
      }
    });

    test("every byte of every line counts, but for the untrusted comment", async () => {
      const PREFIX = "untrusted comment: ".length;
      let firstEnd = 0;
      let length = 0;
      const found = await verdicts(function* (good) {
        firstEnd = good.indexOf("\n");
        length = good.length;
        for (let at = 0; at < good.length; at++) {
          const damaged = Buffer.from(good);
          damaged[at] = (damaged[at] as number) ^ 1;
          yield damaged;
        }
      });
      expect(found).toHaveLength(length);
      found.forEach(({ file, reasons }, at) => {
        const isUnsigned = at >= PREFIX && at < firstEnd;
        expect([at, file, reasons]).toEqual([at, file, isUnsigned ? [] : [expect.stringMatching(reason)]]);
      });
    });

    test("lines twice, missing, swapped or added; other encodings; too much; nothing", async () => {
      const found = await verdicts(function* (good) {
        const lines = good.toString("utf8").trimEnd().split("\n");
        const join = (...order: number[]) => Buffer.from(`${order.map((i) => lines[i] ?? "").join("\n")}\n`);
        yield* [
          join(0, 0, 1, 2, 3),
          join(0, 1, 2),
          join(0, 1, 3),
          join(0, 2, 1, 3),
          join(1, 0, 2, 3),
          join(0, 4, 1, 2, 3),
        ];
        yield* [join(0, 1, 2, 3, 0), join(0, 1, 2, 1), join(0, 3, 2, 1), join(1), join(4, 0, 1, 2, 3)];
        yield* [Buffer.from(good.toString("utf8"), "utf16le"), Buffer.concat([Buffer.from("\ufeff"), good])];
        yield* [Buffer.alloc(0), Buffer.alloc(1000), Buffer.from([0xff, 0xfe]), Buffer.from("{}")];
        yield Buffer.from(good.toString("utf8").replaceAll("\n", "\r"));
        yield Buffer.from(good.toString("utf8").replace(lines[1] as string, `${lines[1]}=`));
        yield Buffer.from(good.toString("utf8").replace(lines[1] as string, ` ${lines[1]}`));
        yield Buffer.concat([good, Buffer.alloc(16 * 1024, "x")]);
      });
      for (const { file, reasons } of found) {
        expect([file, reasons]).toEqual([
          file,
          [expect.stringMatching(/minisig does not hold: it|at most 16384 are read/)],
        ]);
      }
    });

    test("line ends of Windows do no harm", async () => {
      const [{ reasons } = { reasons: ["none"] }] = await verdicts((good) => [
        Buffer.from(good.toString("utf8").replaceAll("\n", "\r\n")),
      ]);
      expect(reasons).toEqual([]);
    });

    test("blank lines at the end do no harm, nor at the end of the key", async () => {
      for (const blank of ["\n", "\n\n\n", "\r\n\r\n", " \n"]) {
        const [found] = await verdicts((good) => [Buffer.concat([good, Buffer.from(blank)])]);
        expect(found?.reasons).toEqual([]);
      }
      using scene = await Scene.make();
      writeFileSync(scene.author.public, `${readFileSync(scene.author.public, "utf8")}\n\n`);
      await using host = scene.host("--require-signature", scene.author.public);
      expect((await host.result("plugin/validate", { path: scene.path })).problems).toEqual([]);
    });

    test("a link that leads out, a link to nothing and a directory in its place", async () => {
      using scene = await Scene.make();
      await using host = scene.host("--signature-key", scene.author.public);
      using elsewhere = new PluginDirectory();
      const copy = elsewhere.file("copy.minisig", readFileSync(scene.signature));
      rmSync(scene.signature);
      symlinkSync(copy, scene.signature);
      expect((await host.error("plugin/load", { path: scene.path })).data.kind).toBe("UNTRUSTED_PATH");
      rmSync(scene.signature);
      symlinkSync(join(scene.keys.path, "nowhere"), scene.signature);
      expect(await load(host, scene.path)).toMatchObject(unsigned);
      rmSync(scene.signature);
      scene.plugins.directory("counter/plugin.json.minisig");
      expect(await load(host, scene.path)).toMatchObject(refused("not a regular file"));
    });
  });
});
