// P9: why a library does not load, for people and for programs.

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compileLibrary } from "../../fixtures/compile.ts";
import { libraryName } from "../../fixtures/plugins.ts";
import { Host } from "../support/host.ts";
import { fixturesDirectory, plugin, projectRoot } from "../support/paths.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";
import { run } from "../support/run.ts";

const entry = join(projectRoot, "fixtures", "companion", "companion.c");
const greeting = join(projectRoot, "fixtures", "companion", "greeting.c");
const foreign = (name: string) => join(projectRoot, "fixtures", "foreign", name);
const elsewhere = foreign(process.arch === "arm64" ? "plugin-x86_64.so" : "plugin-aarch64.so");

/** A plugin that needs a library from a directory of its own, as from /opt. */
let plugins: PluginDirectory;
let opt: string;
let needed: string;
let path: string;
let host: Host;

beforeAll(async () => {
  plugins = new PluginDirectory();
  opt = plugins.directory("opt");
  needed = join(opt, libraryName("greeting"));
  await makeNeeded();
  path = await makePlugin("made", [`-L${opt}`, "-lgreeting", `-Wl,-rpath,${opt}`]);
  host = new Host({ trust: [plugins.path, fixturesDirectory] });
});

afterAll(async () => {
  await host[Symbol.asyncDispose]();
  plugins[Symbol.dispose]();
});

const makeNeeded = (flags: string[] = []) =>
  compileLibrary({ language: "c", sources: [greeting], output: needed, defines: { EDITION: '"first"' }, flags });

async function makePlugin(name: string, flags: string[], sources = [entry]): Promise<string> {
  const directory = plugins.add(name, { library: null });
  await compileLibrary({ language: "c", sources, output: join(directory, libraryName(name)), flags });
  return directory;
}

interface Failure {
  readonly message: string;
  readonly reason?: string;
  readonly needed?: string;
  readonly grant?: object;
  readonly hint?: string;
}

/** The error of a load. */
async function failure(path: string, sandbox: object = {}): Promise<Failure> {
  const { message, data } = await host.error("plugin/load", { path, sandbox });
  expect(data.kind, message).toBe("LIBRARY_LOAD_FAILED");
  return { ...data, message };
}

describe("P9: a library that it needs from elsewhere", () => {
  test.each(["none", "standard"])("is found under the profile %s", async (profile) => {
    const { handle } = await host.result("plugin/load", { path, sandbox: { profile } });
    await host.result("plugin/unload", { handle });
  });

  test("is not readable under the profile strict, and with the grant that the error names it is", async () => {
    const { message, reason, hint, grant } = await failure(path, { profile: "strict" });
    expect({ reason, grant }).toEqual({ reason: "not-readable", grant: { read: [opt] } });
    expect(message).toContain(`needs ${libraryName("greeting")}, which is there, as ${needed}`);
    expect(hint).toContain(`"read":["${opt}"]`);
    const { handle } = await host.result("plugin/load", { path, sandbox: { profile: "strict", ...grant } });
    await host.result("plugin/unload", { handle });
  });

  test("is not readable where a link leads to it: the grant is for the directory that it is in", async () => {
    const real = plugins.directory("opt-1.0");
    renameSync(needed, join(real, "library"));
    symlinkSync(join(real, "library"), needed);
    const { grant } = await failure(path, { profile: "strict" });
    expect(grant).toEqual({ read: [real] });
    const { handle } = await host.result("plugin/load", { path, sandbox: { profile: "strict", ...grant } });
    await host.result("plugin/unload", { handle });
    rmSync(needed);
    renameSync(join(real, "library"), needed);
  });

  test("dlrpc exec says the same, and --read makes it work", async () => {
    const refused = await run(["exec", path, "--sandbox", "strict"]);
    expect(refused.stderr).toMatch(/^dlrpc: LIBRARY_LOAD_FAILED: .* does not let it read\n {2}Grant it: --read \//);
    expect((await run(["exec", path, "--sandbox", "strict", "--read", opt])).status).toBe(0);
  });

  test.each(["none", "standard", "strict"])("is not found where it is not, under the profile %s", async (profile) => {
    rmSync(needed);
    const found = await failure(path, { profile });
    await makeNeeded();
    expect(found).toMatchObject({ reason: "not-found", needed: libraryName("greeting") });
    expect(found.message).toContain("No such file");
    expect(found.grant).toBeUndefined();
  });

  test("is not found where the one that needs it does not say where it is", async () => {
    const between = join(opt, libraryName("between"));
    const source = plugins.file("between.c", "int greet(void);\nint between(void) { return greet(); }\n");
    const end = plugins.file("end.c", "int greet(void) { return 1; }\n");
    await compileLibrary({ language: "c", sources: [end], output: join(opt, libraryName("end")) });
    await compileLibrary({ language: "c", sources: [source], output: between, flags: [`-L${opt}`, "-lend"] });
    const flags = [
      `-L${opt}`,
      "-lgreeting",
      "-Wl,--no-as-needed",
      "-lbetween",
      `-Wl,-rpath,${opt}`,
      `-Wl,--enable-new-dtags`,
    ];
    const { reason, needed: lacks, hint } = await failure(await makePlugin("indirect", flags), { profile: "standard" });
    expect([reason, lacks]).toEqual(["not-found", libraryName("end")]);
    expect(hint).toContain(`It is there, as ${join(opt, libraryName("end"))}`);
  });

  test.each([
    ["other-platform", "another processor's", () => copyFileSync(elsewhere, needed)],
    ["other-platform", "32 bits", () => copyFileSync(foreign("plugin-i386.so"), needed)],
    ["not-a-library", "a text", () => writeFileSync(needed, "a text that is long enough to hold a header".repeat(9))],
    ["not-a-library", "cut off", () => truncateSync(needed, 10)],
    ["not-a-library", "a directory", () => mkdirSync(needed)],
    ["not-a-library", "a FIFO under strict", () => spawnSync("mkfifo", [needed]), "strict"],
  ])("is %s: %s", async (reason, what, put, profile = "standard") => {
    if (what !== "cut off") rmSync(needed);
    put();
    const found = await failure(path, { profile });
    rmSync(needed, { recursive: true });
    await makeNeeded();
    expect([found.reason, found.hint], found.message).toEqual([reason, expect.stringContaining("nstall")]);
  });

  test("is there in another version", async () => {
    const versions = (name: string) => plugins.file(`${name}.map`, `${name} { global: greeting; local: *; };\n`);
    await makeNeeded([`-Wl,--version-script,${versions("NEW_1")}`]);
    const versioned = await makePlugin("versioned", [`-L${opt}`, "-lgreeting", `-Wl,-rpath,${opt}`]);
    await makeNeeded([`-Wl,--version-script,${versions("OLD_1")}`]);
    const found = await failure(versioned);
    await makeNeeded();
    expect(found).toMatchObject({ reason: "version-not-found", needed });
    expect(found.message).toContain("NEW_1");
  });
});

test("P9: an undefined symbol is named", async () => {
  const found = await failure(plugin("undefined-symbol"));
  expect(found).toMatchObject({ reason: "undefined-symbol", symbol: "dlrpc_nowhere_defined" });
  expect(found.hint).toContain("nm -D");
});

test("P9: thread-local storage of a fixed place that is too large", async () => {
  const source = plugins.file(
    "tls.c",
    `__attribute__((tls_model("initial-exec"))) __thread char storage[1 << 24];
     char *greeting(void) { return storage; }`,
  );
  const found = await failure(await makePlugin("tls", [], [entry, source]));
  expect(found.reason, found.message).toBe("static-tls");
  expect(found.hint).toContain("-ftls-model=global-dynamic");
});

test("P9: the plugin's library itself", async () => {
  const reasonOf = async (library: string) => {
    const { reason } = await failure(plugins.add("bad", { library }));
    return reason;
  };
  expect(await reasonOf(elsewhere)).toBe("other-platform");
  expect(await reasonOf(foreign("plugin-x86_64.dll"))).toBe("other-platform");
  expect(await reasonOf(join(projectRoot, "LICENSE"))).toBe("not-a-library");
  expect(await reasonOf(process.execPath)).toBe("not-a-library");
});

test.runIf(process.getuid?.() === 0)("P9: what dlrpc itself may not read", async () => {
  chmodSync(plugins.path, 0o755);
  chmodSync(needed, 0o000);
  await using ordinary = new Host({
    trust: [plugins.path],
    through: ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"],
  });
  const { data } = await ordinary.error("plugin/load", { path });
  chmodSync(needed, 0o755);
  expect(data).toMatchObject({ reason: "not-readable", hint: expect.stringContaining(`ls -l ${needed}`) });
  expect(data.grant).toBeUndefined();
});
