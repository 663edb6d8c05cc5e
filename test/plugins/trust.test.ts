// Which directories plugins load from (T1), and what links and permissions change about that (T2, T3).

import { chmodSync, chownSync, lchownSync, mkdirSync, symlinkSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { type User, users } from "../support/confined.ts";
import { Host, type HostOptions } from "../support/host.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";

/** Whether `path` loads: `loaded`, or the kind of the error. */
async function outcome(host: Host, path: string): Promise<string> {
  const { error } = await host.request("plugin/load", { path });
  return error?.data.kind ?? "loaded";
}

describe("T1: who can trust a directory", () => {
  /** The outcome of loading a plugin for which the program was started and initialized in some way. */
  async function loading(path: string, options: HostOptions, initialize?: object): Promise<string> {
    await using host = new Host({ trust: [], ...options });
    if (initialize !== undefined) await host.result("initialize", initialize);
    return await outcome(host, path);
  }

  test("nobody: nothing loads, and the error says how to trust", async () => {
    using plugins = new PluginDirectory();
    const path = plugins.add("made");
    await using host = new Host({ trust: [] });
    const { code, data } = await host.error("plugin/load", { path });
    expect(code).toBe(-32002);
    expect(data).toMatchObject({
      kind: "UNTRUSTED_PATH",
      path,
      hint: expect.stringMatching(/--trust.*Trusted now: none/),
    });
  });

  test("--trust, repeatable, also relative", async () => {
    using first = new PluginDirectory();
    using second = new PluginDirectory();
    const trust = [first.path, relative("/", second.path)];
    expect(await loading(first.add("made"), { trust, cwd: "/" })).toBe("loaded");
    expect(await loading(second.add("made"), { trust, cwd: "/" })).toBe("loaded");
  });

  test("DLRPC_TRUSTED_DIRS, a list as PATH is", async () => {
    using first = new PluginDirectory();
    using second = new PluginDirectory();
    const env = { DLRPC_TRUSTED_DIRS: `${first.path}::${second.path}:` };
    expect(await loading(first.add("made"), { env })).toBe("loaded");
    expect(await loading(second.add("made"), { env })).toBe("loaded");
  });

  test("an empty DLRPC_TRUSTED_DIRS does not mean the working directory", async () => {
    using plugins = new PluginDirectory();
    expect(await loading(plugins.add("made"), { env: { DLRPC_TRUSTED_DIRS: ":" }, cwd: plugins.path })).toBe(
      "UNTRUSTED_PATH",
    );
  });

  test("trustedDirs of initialize, also relative to the workspace", async () => {
    using plugins = new PluginDirectory();
    const path = plugins.add("made");
    expect(await loading(path, {}, { trustedDirs: [plugins.path] })).toBe("loaded");
    const workspaceRoot = dirname(plugins.path);
    expect(await loading(path, { cwd: "/" }, { workspaceRoot, trustedDirs: [basename(plugins.path)] })).toBe("loaded");
  });

  test("INVALID_PARAMS: an empty string in trustedDirs does not mean the whole workspace", async () => {
    using workspace = new PluginDirectory();
    await using host = new Host({ trust: [] });
    const { data } = await host.error("initialize", { workspaceRoot: workspace.path, trustedDirs: [""] });
    expect(data).toMatchObject({ kind: "INVALID_PARAMS", issues: [{ path: "trustedDirs.0" }] });
  });

  test("--lock-trust: trustedDirs of initialize is ignored, and stderr says so", async () => {
    using plugins = new PluginDirectory();
    using trusted = new PluginDirectory();
    const path = plugins.add("made");
    await using host = new Host({ trust: [trusted.path], args: ["--lock-trust"] });
    const { trustedDirs } = await host.result("initialize", { trustedDirs: [plugins.path] });
    expect(trustedDirs).toEqual([trusted.path]);
    expect(await outcome(host, path)).toBe("UNTRUSTED_PATH");
    expect(await outcome(host, trusted.add("made"))).toBe("loaded");
    await expect.poll(() => host.stderr).toContain("trustedDirs of initialize is ignored");
  });

  test.each([".vtcode/plugins", ".agents/plugins"])("by default: ~/%s", async (folder) => {
    using home = new PluginDirectory();
    const path = home.add(`${folder}/made`, { manifest: { name: "made" }, as: ["made.so"] });
    expect(await loading(path, { env: { HOME: home.path } })).toBe("loaded");
    expect(await loading(path, { env: { HOME: "" } })).toBe("UNTRUSTED_PATH");
  });

  test.each([".vtcode/plugins", ".agents/plugins"])(
    "the workspace's own %s only with --trust-workspace",
    async (folder) => {
      using workspace = new PluginDirectory();
      const path = workspace.add(`${folder}/made`, { manifest: { name: "made" }, as: ["made.so"] });
      const initialize = { workspaceRoot: workspace.path };
      expect(await loading(path, { cwd: workspace.path }, initialize)).toBe("UNTRUSTED_PATH");
      expect(await loading(path, { args: ["--trust-workspace"] }, initialize)).toBe("loaded");
    },
  );

  test("--trust-workspace trusts no more of the workspace than its plugins", async () => {
    using workspace = new PluginDirectory();
    const path = workspace.add("made");
    expect(await loading(path, { args: ["--trust-workspace"] }, { workspaceRoot: workspace.path })).toBe(
      "UNTRUSTED_PATH",
    );
  });

  test("initialize answers with what is trusted: canonical, in order, each once, what exists", async () => {
    using first = new PluginDirectory();
    using second = new PluginDirectory();
    symlinkSync(second.path, join(first.path, "link"));
    const trust = [join(first.path, "link"), join(first.path, "nowhere"), `${first.path}/../${basename(first.path)}/`];
    await using host = new Host({ trust, env: { DLRPC_TRUSTED_DIRS: second.path } });
    const { trustedDirs } = await host.result("initialize", { trustedDirs: [first.path] });
    expect(trustedDirs).toEqual([second.path, first.path]);
  });

  test("a trusted directory that does not exist yet", async () => {
    using plugins = new PluginDirectory();
    await using host = new Host({ trust: [join(plugins.path, "later")] });
    expect(await outcome(host, join(plugins.path, "later", "made"))).toBe("PATH_NOT_FOUND");
    const path = plugins.add("later/made", { manifest: { name: "made" }, as: ["made.so"] });
    expect(await outcome(host, path)).toBe("loaded");
    expect(await host.result("plugin/load", { name: "made" })).toMatchObject({ path });
  });
});

describe("T2: what leads outside is refused", () => {
  /** A trusted directory, and beside it one that is not trusted and holds the plugin `evil`. */
  class Scene implements AsyncDisposable {
    private readonly root = new PluginDirectory();
    readonly trusted = this.root.directory("trusted");
    readonly evil = this.root.add("trusted-not/evil", { manifest: { name: "evil" }, as: ["libevil.so"] });
    readonly host = new Host({ trust: [this.trusted] });

    /** A plugin in the trusted directory. */
    plugin(name: string): string {
      return this.root.add(`trusted/${name}`, { manifest: { name }, as: [`lib${name}.so`] });
    }

    /** A plugin in the trusted directory, one file of which is a link. */
    pluginWithLink(file: string, target: string): string {
      const path = this.root.directory("trusted/evil");
      for (const other of ["plugin.json", "libevil.so"]) {
        if (other !== file) this.root.library(`trusted/evil/${other}`, join(this.evil, other));
      }
      symlinkSync(target, join(path, file));
      return path;
    }

    async [Symbol.asyncDispose](): Promise<void> {
      await this.host[Symbol.asyncDispose]();
      this.root[Symbol.dispose]();
    }
  }

  test("a directory whose name begins as the trusted one's", async () => {
    await using scene = new Scene();
    expect(await outcome(scene.host, scene.evil)).toBe("UNTRUSTED_PATH");
  });

  test("a path with ..", async () => {
    await using scene = new Scene();
    const path = scene.plugin("made");
    expect(await outcome(scene.host, `${scene.trusted}/../trusted-not/evil`)).toBe("UNTRUSTED_PATH");
    expect(await outcome(scene.host, `${scene.trusted}/made/..//made/.`)).toBe("loaded"); // it comes back
    expect(await outcome(scene.host, `${path}/../../trusted/made`)).toBe("loaded");
  });

  test("a link to a plugin outside", async () => {
    await using scene = new Scene();
    symlinkSync(scene.evil, join(scene.trusted, "evil"));
    const { data } = await scene.host.error("plugin/load", { path: join(scene.trusted, "evil") });
    expect(data).toMatchObject({ kind: "UNTRUSTED_PATH", path: scene.evil });
    expect((await scene.host.error("plugin/load", { name: "evil" })).data.kind).toBe("UNTRUSTED_PATH");
  });

  test("a link on the way to a plugin outside", async () => {
    await using scene = new Scene();
    symlinkSync(dirname(scene.evil), join(scene.trusted, "sub"));
    expect(await outcome(scene.host, join(scene.trusted, "sub", "evil"))).toBe("UNTRUSTED_PATH");
  });

  test("a link through which .. means another directory", async () => {
    await using scene = new Scene();
    symlinkSync(scene.evil, join(scene.trusted, "deep"));
    // As text it is in the trusted directory, as the system reads it in the other.
    expect(await outcome(scene.host, `${scene.trusted}/deep/../evil`)).not.toBe("loaded");
  });

  test.each(["libevil.so", "plugin.json"])("%s as a link to a file outside", async (file) => {
    await using scene = new Scene();
    const target = join(scene.evil, file);
    const path = scene.pluginWithLink(file, target);
    const { data } = await scene.host.error("plugin/load", { path });
    expect(data).toMatchObject({ kind: "UNTRUSTED_PATH", path: target });
  });

  test("a chain of links that ends outside", async () => {
    await using scene = new Scene();
    symlinkSync(join(scene.evil, "libevil.so"), join(scene.trusted, "second"));
    symlinkSync("second", join(scene.trusted, "first"));
    expect(await outcome(scene.host, scene.pluginWithLink("libevil.so", "../first"))).toBe("UNTRUSTED_PATH");
  });

  test("links that stay inside are fine, and the answer says where they lead", async () => {
    await using scene = new Scene();
    const path = scene.plugin("made");
    symlinkSync("made", join(scene.trusted, "alias"));
    expect(await scene.host.result("plugin/load", { path: join(scene.trusted, "alias") })).toMatchObject({ path });
    scene.plugin("evil");
    const library = join(scene.trusted, "evil", "libevil.so");
    const second = join(scene.trusted, "second");
    mkdirSync(second);
    symlinkSync("../evil/plugin.json", join(second, "plugin.json"));
    symlinkSync(library, join(second, "libevil.so"));
    expect(await scene.host.result("plugin/load", { path: second })).toMatchObject({ path: second, library });
  });

  test("a trusted directory may be a link itself", async () => {
    using plugins = new PluginDirectory();
    using elsewhere = new PluginDirectory();
    const link = join(elsewhere.path, "link");
    symlinkSync(plugins.path, link);
    const path = plugins.add("made");
    await using host = new Host({ trust: [link] });
    expect(await host.result("plugin/load", { path: join(link, "made") })).toMatchObject({ path });
    expect(await outcome(host, path)).toBe("loaded");
  });

  test("links that go in circles", async () => {
    await using scene = new Scene();
    symlinkSync("a", join(scene.trusted, "b"));
    symlinkSync("b", join(scene.trusted, "a"));
    expect(await outcome(scene.host, join(scene.trusted, "a"))).toBe("PATH_NOT_FOUND");
  });
});

describe("T3: what others may write to", () => {
  const places = {
    "the trusted directory": (plugins: PluginDirectory) => plugins.path,
    "the plugin's directory": (plugins: PluginDirectory) => join(plugins.path, "counter"),
    "the library": (plugins: PluginDirectory) => join(plugins.path, "counter", "libcounter.so"),
    "plugin.json": (plugins: PluginDirectory) => join(plugins.path, "counter", "plugin.json"),
  };

  describe.each(Object.entries(places))("%s", (_, place) => {
    test.each([
      ["group", 0o020],
      ["others", 0o002],
    ])("writable by %s is a warning, and refused with --strict-permissions", async (_, mode) => {
      using plugins = new PluginDirectory();
      const path = plugins.add("counter");
      const writable = place(plugins);
      chmodSync(writable, 0o755 | mode);
      await using host = new Host({ trust: [plugins.path] });
      const { warnings } = await host.result("plugin/load", { path });
      expect(warnings).toEqual([
        {
          code: "WRITABLE_BY_OTHERS",
          severity: "warning",
          message: expect.stringContaining(writable),
          hint: `chmod go-w '${writable}'`,
        },
      ]);
      await using strict = new Host({ trust: [plugins.path], args: ["--strict-permissions"] });
      const { data } = await strict.error("plugin/load", { path });
      expect(data).toMatchObject({ kind: "UNTRUSTED_PATH", path: writable, hint: `chmod go-w '${writable}'` });
    });
  });

  test("all of them together, each once", async () => {
    using plugins = new PluginDirectory();
    const path = plugins.add("counter");
    const writable = Object.values(places).map((place) => place(plugins));
    for (const place of writable) chmodSync(place, 0o777);
    await using host = new Host({ trust: [plugins.path] });
    const { warnings } = await host.result("plugin/load", { path });
    expect(warnings).toHaveLength(4);
    for (const place of writable)
      expect(warnings).toContainEqual(expect.objectContaining({ hint: `chmod go-w '${place}'` }));
  });

  test("nothing of that kind: no warning, with --strict-permissions, too", async () => {
    using plugins = new PluginDirectory();
    const path = plugins.add("counter");
    await using host = new Host({ trust: [plugins.path], args: ["--strict-permissions"] });
    expect(await host.result("plugin/load", { path })).toMatchObject({ warnings: [] });
  });
});

describe("T3: --strict-permissions looks at owners, and at every directory from the root down", () => {
  /** A trusted directory with a plugin, each of them below a directory of its own. */
  class Way implements Disposable {
    private readonly root = new PluginDirectory();
    readonly above = this.root.directory("above");
    readonly trusted = this.root.directory("above/trusted");
    readonly between = this.root.directory("above/trusted/between");
    readonly plugin = this.root.add("above/trusted/between/counter", {
      manifest: { name: "counter" },
      as: ["libcounter.so"],
    });
    readonly manifest = join(this.plugin, "plugin.json");
    readonly library = join(this.plugin, "libcounter.so");

    constructor() {
      chmodSync(this.root.path, 0o755);
    }

    /** @returns `loaded`, or the error's path and hint */
    async load({ args = ["--strict-permissions"], ...options }: HostOptions = {}): Promise<string | string[]> {
      await using host = new Host({ trust: [this.trusted], args, ...options });
      const { result, error } = await host.request("plugin/load", { path: this.plugin });
      if (error === undefined) return result.warnings.length === 0 ? "loaded" : "loaded with warnings";
      expect(error.data.kind, error.message).toBe("UNTRUSTED_PATH");
      return [error.data.path as string, error.data.hint as string];
    }

    [Symbol.dispose](): void {
      this.root[Symbol.dispose]();
    }
  }
  const { uid } = users.at(-1) as User;
  const stranger = uid - 1;
  const parts = ["above", "trusted", "between", "plugin", "manifest", "library"] as const;

  test.each(["above", "between"] as const)("%s: a directory on the way that others may write to", async (part) => {
    using way = new Way();
    chmodSync(way[part], 0o775);
    expect(await way.load({ args: [] })).toBe("loaded");
    expect(await way.load()).toEqual([way[part], `chmod go-w '${way[part]}'`]);
    chmodSync(way[part], 0o1777); // as /tmp: nobody renames what is another's
    expect(await way.load()).toBe("loaded");
  });

  test.runIf(process.getuid?.() === 0).each(parts)("%s: what belongs to somebody else", async (part) => {
    using way = new Way();
    chownSync(way[part], stranger, 0);
    expect(await way.load({ args: [] })).toBe("loaded");
    for (const { through, uid } of users) {
      const [path, hint] = await way.load({ through });
      expect([path, hint]).toEqual([way[part], expect.stringContaining(`root or to user ${uid}`)]);
    }
  });

  test.runIf(process.getuid?.() === 0)("what belongs to oneself or to root", async () => {
    using way = new Way();
    const { through } = users.at(-1) as User;
    expect(await way.load({ through })).toBe("loaded");
    for (const part of parts) chownSync(way[part], uid, uid);
    expect(await way.load({ through })).toBe("loaded");
    expect(await way.load()).toEqual([way.above, expect.any(String)]);
  });

  test("a link by which the directory is trusted, in a directory that others may write to", async () => {
    using way = new Way();
    using elsewhere = new PluginDirectory();
    chmodSync(elsewhere.path, 0o755);
    const open = elsewhere.directory("open");
    const link = join(open, "link");
    symlinkSync(way.trusted, link);
    expect(await way.load({ trust: [link] })).toBe("loaded");
    chmodSync(open, 0o777);
    expect(await way.load({ trust: [link], args: [] })).toBe("loaded");
    expect(await way.load({ trust: [link] })).toEqual([open, `chmod go-w '${open}'`]);
    expect(await way.load({ trust: [link, way.trusted] })).toBe("loaded"); // by a name that nobody else can change
  });

  test.runIf(process.getuid?.() === 0)("a link of somebody else's by which the directory is trusted", async () => {
    using way = new Way();
    using elsewhere = new PluginDirectory();
    chmodSync(elsewhere.path, 0o1777);
    const link = join(elsewhere.path, "link");
    symlinkSync(way.trusted, link);
    expect(await way.load({ trust: [link] })).toBe("loaded");
    lchownSync(link, stranger, 0);
    expect(await way.load({ trust: [link] })).toEqual([link, expect.stringContaining("root or to user")]);
  });

  test("validate and discover say it, too", async () => {
    using way = new Way();
    chmodSync(way.above, 0o777);
    await using host = new Host({ trust: [way.trusted], args: ["--strict-permissions"] });
    const problems = [{ code: "UNTRUSTED_PATH", severity: "error", message: expect.stringContaining(`${way.above} `) }];
    expect(await host.result("plugin/validate", { path: way.plugin })).toMatchObject({ valid: false, problems });
    const { plugins } = await host.result("plugin/discover", { dirs: [way.between] });
    expect(plugins).toMatchObject([{ path: way.plugin, problems }]);
  });
});
