// A14: dlrpc pack: what is in a package, that it is the same each time, and what is refused.

import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Host } from "../../support/host.ts";
import { Page } from "../../support/page.ts";
import { projectRoot } from "../../support/paths.ts";
import { libraryOf, PluginDirectory } from "../../support/plugin-directory.ts";
import { type Outcome, run } from "../../support/run.ts";
import { KeyDirectory, signPlugin, succeed } from "../../support/signing.ts";
import manifestSchema from "./mcpb-manifest-0.3.schema.json" with { type: "json" };
import { readZip, StandIns } from "./package.ts";

const here = `${process.platform}-${process.arch}`;
const otherArch = process.arch === "arm64" ? "x64" : "arm64";
const other = `linux-${otherArch}`;
const foreign = (name: string) => join(projectRoot, "fixtures", "foreign", name);
const otherLibrary = foreign(`plugin-${otherArch === "x64" ? "x86_64" : "aarch64"}.so`);

/** What the format has in the place of the bundle's directory. */
const ROOT = "$" + "{__dirname}";

let work: string;
let standIns: StandIns;
let program: readonly string[];

beforeAll(() => {
  work = realpathSync(mkdtempSync(join(tmpdir(), "dlrpc-pack-")));
  standIns = new StandIns(work);
  program = [`--program=${here}=${standIns.own}`];
});

afterAll(() => rmSync(work, { recursive: true }));

/** A new directory for what a test makes. */
function place(): string {
  return mkdtempSync(join(work, "made-"));
}

/** A plugin with libraries for this platform, for the other processor of Linux and for Windows. */
function forSeveral(plugins: PluginDirectory, name = "counter"): string {
  const path = plugins.add(name, { library: null, manifest: { author: "Ada", description: "Counts" } });
  const libraries = {
    [`lib/${here}/lib${name}.so`]: libraryOf("counter"),
    [`lib/${other}/lib${name}.so`]: otherLibrary,
    [`lib/win32-x64/${name}.dll`]: foreign("plugin-x86_64.dll"),
  };
  for (const [file, from] of Object.entries(libraries)) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    copyFileSync(from, join(path, file));
    chmodSync(join(path, file), 0o755);
  }
  return path;
}

const hashOf = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

/** Lists the library of this platform in plugin.json, and more. */
function list(plugins: PluginDirectory, plugin: string, more: object): void {
  const manifest = JSON.parse(readFileSync(join(plugin, "plugin.json"), "utf8"));
  const library = `lib/${here}/libcounter.so`;
  const sha256 = { [library]: hashOf(join(plugin, library)), ...more };
  plugins.file("counter/plugin.json", JSON.stringify({ ...manifest, sha256 }));
}

function pack(args: readonly string[], options: Parameters<typeof run>[1] = {}): Promise<Outcome> {
  return run(["pack", ...args], options);
}

describe("A14: an MCP Bundle", () => {
  test("has the plugin as it lies, dlrpc for each platform, and a manifest that fits the schema", async () => {
    using plugins = new PluginDirectory();
    const plugin = forSeveral(plugins);
    const file = join(place(), "counter.mcpb");
    const outcome = await pack([plugin, "--mcpb", file, ...program, `--program=${other}=${standIns.other}`]);
    expect(outcome).toEqual({
      status: 0,
      stdout: `${file}: counter 1.0.0, for ${[here, other].sort().join(", ")}\ncounter has a library for win32-x64, but there is no --program win32-x64=FILE\n`,
      stderr: "",
    });
    const files = readZip(file);
    const modes = [...files].map(([name, { mode }]) => [name, mode.toString(8)]);
    expect(modes).toEqual([
      ["manifest.json", "100644"],
      ["bin/dlrpc", "100755"],
      ...[here, other].sort().map((platform) => [`bin/${platform}/dlrpc`, "100755"]),
      ...[here, other].sort().map((platform) => [`plugins/counter/lib/${platform}/libcounter.so`, "100755"]),
      ["plugins/counter/lib/win32-x64/counter.dll", "100755"],
      ["plugins/counter/plugin.json", "100644"],
    ]);
    expect(files.get(`bin/${here}/dlrpc`)?.text).toBe(readFileSync(standIns.own, "latin1"));
    expect(files.get("plugins/counter/plugin.json")?.text).toBe(readFileSync(join(plugin, "plugin.json"), "latin1"));

    const manifest = JSON.parse(files.get("manifest.json")?.text ?? "");
    const isValid = new Ajv({ strict: false, validateFormats: false }).compile(manifestSchema);
    expect([isValid(manifest), isValid.errors]).toEqual([true, null]);
    expect(manifest).toEqual({
      manifest_version: "0.3",
      name: "counter",
      version: "1.0.0",
      description: "Counts",
      author: { name: "Ada" },
      server: {
        type: "binary",
        entry_point: "bin/dlrpc",
        mcp_config: {
          command: `${ROOT}/bin/dlrpc`,
          args: ["mcp", "--trust", `${ROOT}/plugins`],
        },
      },
      tools: [{ name: "counter", description: "Counts" }],
      compatibility: { platforms: ["linux"] },
    });
  });

  test("is the same bytes again, whenever and wherever, and whatever the umask", async () => {
    using plugins = new PluginDirectory();
    const plugin = forSeveral(plugins);
    const directory = place();
    const args = [plugin, ...program, "--mcpb"];
    await succeed(["pack", ...args, join(directory, "a.mcpb")]);
    const script = `umask 077; exec '${process.execPath}' '${join(projectRoot, "dist", "dlrpc.cjs")}' pack "$@"`;
    execFileSync("sh", ["-c", script, "sh", ...args, join(directory, "b.mcpb")], {
      env: { ...process.env, TZ: "Asia/Tokyo", LC_ALL: "C" },
    });
    const [first, again] = ["a.mcpb", "b.mcpb"].map((name) => readFileSync(join(directory, name)));
    expect(first?.equals(again as Buffer)).toBe(true);
    expect(readdirSync(directory).sort()).toEqual(["a.mcpb", "b.mcpb"]);
  });

  test("of several plugins is called as the command line says, and has them in the order of their names", async () => {
    using plugins = new PluginDirectory();
    const paths = ["zebra", "ape"].map((name) => plugins.add(name, { manifest: { description: `Is a ${name}` } }));
    const file = join(place(), "zoo.mcpb");
    const said = ["--name=zoo", "--version=2.0.0", "--description=Animals", "--author=Ada"];
    await succeed(["pack", ...paths, "--mcpb", file, ...program, ...said]);
    const manifest = JSON.parse(readZip(file).get("manifest.json")?.text ?? "");
    expect(manifest).toMatchObject({ name: "zoo", version: "2.0.0", description: "Animals", author: { name: "Ada" } });
    expect(manifest.tools.map(({ name }: { name: string }) => name)).toEqual(["ape", "zebra"]);
  });
});

test("A14: options of dlrpc mcp follow --, and are in both manifests", async () => {
  using plugins = new PluginDirectory();
  const directory = place();
  const [file, tree] = [join(directory, "a.mcpb"), join(directory, "a")];
  const options = ["--grant", "counter:network", "--timeout-ms=500"];
  await succeed(["pack", forSeveral(plugins), "--mcpb", file, "--agent-plugin", tree, ...program, "--", ...options]);
  const { server } = JSON.parse(readZip(file).get("manifest.json")?.text ?? "");
  expect(server.mcp_config.args.slice(3)).toEqual(options);
  const { mcpServers } = JSON.parse(readFileSync(join(tree, "mcp.json"), "utf8"));
  expect(mcpServers.counter.args.slice(3)).toEqual(options);
});

describe("A14: an Agent Plugin", () => {
  /** Packs a plugin. @returns the directory */
  async function packed(plugin: string, args: readonly string[] = program): Promise<string> {
    const directory = join(place(), "agent");
    await succeed(["pack", plugin, "--agent-plugin", directory, ...args]);
    return directory;
  }

  test("has a manifest, and one MCP server that is started by a path within it", async () => {
    using plugins = new PluginDirectory();
    const directory = await packed(forSeveral(plugins));
    const read = (name: string) => JSON.parse(readFileSync(join(directory, name), "utf8"));
    expect(read("plugin.json")).toEqual({
      $schema: "https://agent-plugins.org/schemas/1.0.0/plugin.schema.json",
      name: "counter",
      version: "1.0.0",
      description: "Counts",
      author: { name: "Ada" },
    });
    expect(read("mcp.json")).toEqual({
      $schema: "https://agent-plugins.org/schemas/1.0.0/mcp.schema.json",
      mcpServers: {
        // biome-ignore lint/suspicious/noTemplateCurlyInString: as the format has it
        counter: { type: "stdio", command: "./bin/dlrpc", args: ["mcp", "--trust", "${PLUGIN_ROOT}/plugins"] },
      },
    });
    expect(readdirSync(dirname(directory))).toEqual(["agent"]);
  });

  test("its command becomes dlrpc for this machine, with all arguments", async () => {
    using plugins = new PluginDirectory();
    const directory = await packed(forSeveral(plugins), [...program, `--program=${other}=${standIns.other}`]);
    const args = ["mcp", "--trust", "a directory with 'quotes'", "$HOME"];
    for (const [command, cwd] of [
      ["./bin/dlrpc", directory],
      [join(directory, "bin", "dlrpc"), "/"],
    ] as const) {
      const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
      expect([status, stdout, stderr]).toEqual([0, `${args.join("\n")}\n`, ""]);
    }
  });

  test("on a machine that it is not for it says so", async () => {
    using plugins = new PluginDirectory();
    const directory = await packed(forSeveral(plugins), [`--program=${other}=${standIns.other}`]);
    const { status, stderr } = spawnSync("./bin/dlrpc", [], { cwd: directory, encoding: "utf8" });
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(`^dlrpc: this package is for ${other}; this machine is `),
    ]);
  });

  test("its plugins load from where they lie, and nobody else may write there, whatever the umask", async () => {
    using plugins = new PluginDirectory();
    using keys = new KeyDirectory();
    const pair = await keys.generate("k");
    const plugin = forSeveral(plugins);
    await signPlugin(plugin, pair);
    const directory = join(place(), "agent");
    const script = `umask 0; exec '${process.execPath}' '${join(projectRoot, "dist", "dlrpc.cjs")}' pack "$@"`;
    execFileSync("sh", ["-c", script, "sh", plugin, "--agent-plugin", directory, ...program]);
    const modes = ["", "bin/dlrpc", `bin/${here}`, "plugins/counter", "plugins/counter/plugin.json"].map((name) =>
      (statSync(join(directory, name)).mode & 0o777).toString(8),
    );
    expect(modes).toEqual(["755", "755", "755", "755", "644"]);
    await using host = new Host({
      trust: [join(directory, "plugins")],
      args: ["--require-signature", pair.public],
    });
    expect(await host.result("plugin/load", { name: "counter" })).toMatchObject({
      library: join(directory, "plugins", "counter", "lib", here, "libcounter.so"),
      signature: { keyId: pair.id },
      warnings: [],
    });
    await succeed(["verify", join(directory, "plugins", "counter"), "--key", pair.public]);
  });

  test("links to the plugin's files become files; what begins with a dot stays behind", async () => {
    using plugins = new PluginDirectory();
    const plugin = plugins.add("counter", { as: ["libcounter.so.1"] });
    symlinkSync("libcounter.so.1", join(plugin, "libcounter.so"));
    plugins.directory("counter/.git");
    plugins.file("counter/.git/config", "secret");
    plugins.file("counter/.hidden", "secret");
    const copy = join(await packed(plugin), "plugins", "counter");
    expect(readdirSync(copy).sort()).toEqual(["libcounter.so", "libcounter.so.1", "plugin.json"]);
    expect(readFileSync(join(copy, "libcounter.so"))).toEqual(readFileSync(libraryOf("counter")));
  });

  test("an empty directory is used, and one that has something is not touched", async () => {
    using plugins = new PluginDirectory();
    const plugin = forSeveral(plugins);
    const directory = place();
    await succeed(["pack", plugin, "--agent-plugin", directory, ...program]);
    expect(existsSync(join(directory, "mcp.json"))).toBe(true);
    const again = await pack([plugin, "--agent-plugin", directory, ...program, "--force"]);
    expect([again.status, again.stderr]).toEqual([2, expect.stringMatching(/is not an empty directory/)]);
  });
});

test("A14: what docs/pack.md shows works", () => {
  const commands = new Page("docs/pack.md").code("sh");
  const shown = commands.filter((command) => !command.includes("--program")); // which would be those of a release
  expect([shown.length, commands.length]).toEqual([2, 3]);
  const directory = place();
  using plugins = new PluginDirectory();
  for (const name of ["hello", "weather"]) plugins.add(name);
  symlinkSync(plugins.path, join(directory, "plugins"));
  const own = `'${process.execPath}' '${join(projectRoot, "dist", "dlrpc.cjs")}'`;
  for (const command of shown) {
    const ours = command.replace(/^dlrpc pack/, `${own} pack ${program.join(" ")}`);
    execFileSync("sh", ["-euc", ours], { cwd: directory });
  }
  expect(readdirSync(directory).sort()).toEqual(["hello-agent", "hello.mcpb", "plugins", "weather.mcpb"]);
});

test("FILE that exists is written over with --force only", async () => {
  using plugins = new PluginDirectory();
  const plugin = forSeveral(plugins);
  const file = join(place(), "a.mcpb");
  writeFileSync(file, "mine");
  const refused = await pack([plugin, "--mcpb", file, ...program]);
  expect([refused.status, refused.stderr]).toEqual([
    2,
    expect.stringMatching(/a\.mcpb exists; --force writes over it/),
  ]);
  expect(readFileSync(file, "utf8")).toBe("mine");
  await succeed(["pack", plugin, "--mcpb", file, ...program, "--force"]);
  expect(readZip(file).has("manifest.json")).toBe(true);
});

describe("refused, and nothing is left behind", () => {
  type Case = (plugins: PluginDirectory) => readonly string[];
  const good: Case = (plugins) => [forSeveral(plugins), ...program];
  const changed =
    (change: (plugin: string, plugins: PluginDirectory) => void): Case =>
    (plugins) => {
      const plugin = forSeveral(plugins);
      change(plugin, plugins);
      return [plugin, ...program];
    };
  const cases: Record<string, [Case, RegExp]> = {
    "no plugin": [() => program, /pack needs the directory of a plugin/],
    "nothing there": [(plugins) => [join(plugins.path, "nowhere"), ...program], /PATH_NOT_FOUND: .*nowhere/],
    "a directory that is none": [
      (plugins) => [plugins.directory("none"), ...program],
      /INVALID_PLUGIN: .*plugin\.json/,
    ],
    "a plugin.json of no use": [
      changed((_, plugins) => plugins.file("counter/plugin.json", "{}")),
      /INVALID_PLUGIN: .*name: /,
    ],
    "an Agent Plugin without a native one": [
      (plugins) => {
        const manifest = {
          $schema: "https://agent-plugins.org/schemas/1.0.0/plugin.schema.json",
          abi_version: undefined,
        };
        return [plugins.add("portable", { library: null, manifest }), ...program];
      },
      /holds no native plugin/,
    ],
    "no library": [(plugins) => [plugins.add("bare", { library: null }), ...program], /has a library for no platform/],
    "libraries for platforms without dlrpc only": [
      changed((plugin) => rmSync(join(plugin, "lib", here), { recursive: true })),
      /counter has a library for linux-\w+, win32-x64, and the package has dlrpc for linux-\w+; give --program/,
    ],
    "a library for another machine": [
      changed((plugin) => copyFileSync(otherLibrary, join(plugin, "lib", here, "libcounter.so"))),
      /libcounter\.so: \w+ library, \w+ needed; put the library for linux-\w+ there/,
    ],
    "a library that is none": [
      changed((plugin) => writeFileSync(join(plugin, "lib", other, "libcounter.so"), "text")),
      /libcounter\.so is not a shared library: a text file/,
    ],
    "a library at the top that is for another system": [
      changed((plugin) => copyFileSync(foreign("plugin-x86_64.dll"), join(plugin, "libcounter.so"))),
      /libcounter\.so is no shared library for linux/,
    ],
    "two of one name": [
      (plugins) => [
        forSeveral(plugins),
        plugins.add("another", { as: ["libCounter.so"], manifest: { name: "Counter" } }),
        ...program,
      ],
      /are both called Counter; give one/,
    ],
    "a listed file that is not there": [
      changed((plugin, plugins) => list(plugins, plugin, { "data/words": "0".repeat(64) })),
      /plugin\.json lists data\/words, which is not there/,
    ],
    "a listed file that is hidden": [
      changed((plugin, plugins) => {
        const words = plugins.file("counter/.words", "words");
        list(plugins, plugin, { ".words": hashOf(words) });
      }),
      /plugin\.json lists \.words, which is not there, or is hidden/,
    ],
    "a listed file that is another": [
      changed((plugin, plugins) => list(plugins, plugin, { "lib/win32-x64/counter.dll": "0".repeat(64) })),
      /INTEGRITY_FAILED: .*counter\.dll has the sha256/,
    ],
    "a link out of the plugin": [
      changed((plugin) => symlinkSync("/etc/hostname", join(plugin, "data"))),
      /data leads to \/etc\/hostname; links to files of the plugin only/,
    ],
    "a link to a directory": [
      changed((plugin) => symlinkSync(".", join(plugin, "self"))),
      /self leads to .*counter; links/,
    ],
    "a link that leads nowhere": [
      changed((plugin) => symlinkSync("nowhere", join(plugin, "data"))),
      /data cannot be reached \(ENOENT\)/,
    ],
    "a FIFO": [
      changed((plugin) => execFileSync("mkfifo", [join(plugin, "fifo")])),
      /fifo is neither a file nor a directory/,
    ],
    "a name with a backslash": [changed((_, plugins) => plugins.file("counter/a\\b", "")), /a\\b: names in a package/],
    "a huge file": [
      changed((plugin) => execFileSync("truncate", ["-s", "513M", join(plugin, "data")])),
      /data: it has 537919488 bytes, at most 536870912 are read/,
    ],
    "no program": [(plugins) => [forSeveral(plugins)], /runs on a Node .*--program linux-\w+=FILE/],
    "a program for no platform": [(p) => [...good(p), `--program=beos-x64=${standIns.own}`], /PLATFORM=FILE is needed/],
    "a program without a file": [(p) => [...good(p), "--program=linux-x64"], /PLATFORM=FILE is needed, with one of/],
    "a program that is not there": [
      (p) => [...good(p), `--program=${other}=nowhere`],
      /nowhere cannot be reached \(ENOENT\)/,
    ],
    "a program for another machine": [
      (p) => [...good(p), `--program=${other}=${standIns.own}`],
      /stand-in: \w+ executable, \w+ needed; dlrpc's single executable for linux-\w+ is needed/,
    ],
    "a library as a program": [
      (p) => [...good(p), `--program=${here}=${libraryOf("counter")}`],
      /a shared library; dlrpc's single executable/,
    ],
    "a script as a program": [(p) => [...good(p), `--program=${here}=/etc/hostname`], /--program: \/etc\/hostname is /],
    "an author that nobody names": [
      (plugins) => [plugins.add("counter"), ...program],
      /names an author: give one with --author/,
    ],
    "several plugins without a name": [
      (plugins) => [forSeveral(plugins), plugins.add("ape"), ...program],
      /several plugins make a package of another name: give it with --name/,
    ],
  };

  test.each(Object.entries(cases))("%s", async (_, [args, message]) => {
    using plugins = new PluginDirectory();
    const directory = place();
    const outcome = await pack([...args(plugins), "--mcpb", join(directory, "a.mcpb")]);
    expect(outcome).toMatchObject({ status: 2, stdout: "", stderr: expect.stringMatching(message) });
    expect(readdirSync(directory)).toEqual([]);
  });

  test.each<[string, (directory: string) => readonly string[], RegExp]>([
    ["nothing to make", () => [], /pack needs --mcpb FILE or --agent-plugin DIR/],
    [
      "an option that dlrpc mcp does not have",
      (d) => ["--mcpb", join(d, "a"), "--", "--grnat=x:exec"],
      /mean --grant\?/,
    ],
    ["a word behind --", (d) => ["--mcpb", join(d, "a"), "--", "hello"], /`hello` is not understood/],
    ["a directory as FILE", (directory) => ["--mcpb", directory], /is no regular file/],
    ["a FILE in no directory", (directory) => ["--mcpb", join(directory, "no/a")], /no\/a cannot be written: ENOENT/],
    [
      "a DIR in no directory",
      (directory) => ["--agent-plugin", join(directory, "no/a")],
      /no\/a cannot be written: ENOENT/,
    ],
    ["a file as DIR", () => ["--agent-plugin", standIns.own], /is not an empty directory/],
    [
      "a name that Agent Plugins do not take",
      (d) => ["--name=My_Plugin", "--agent-plugin", join(d, "a")],
      /not `My_Plugin`/,
    ],
  ])("%s", async (_, args, message) => {
    using plugins = new PluginDirectory();
    const directory = place();
    const outcome = await pack([forSeveral(plugins), ...program, ...args(directory)]);
    expect(outcome).toMatchObject({ status: 2, stdout: "", stderr: expect.stringMatching(message) });
    expect(readdirSync(directory)).toEqual([]);
  });

  test("a package within the plugin, which would be a part of it the next time", async () => {
    using plugins = new PluginDirectory();
    const plugin = forSeveral(plugins);
    const before = readdirSync(plugin);
    for (const output of ["--mcpb=a.mcpb", "--agent-plugin=a"]) {
      const { status, stderr } = await pack([".", output, ...program], { cwd: plugin });
      expect([status, stderr]).toEqual([2, expect.stringMatching(/would lie in the plugin \./)]);
    }
    expect(readdirSync(plugin)).toEqual(before);
  });
});
