// E20 to E22: where a plugin has crashed.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { compileLibrary, type Language } from "../../fixtures/compile.ts";
import { libraryName } from "../../fixtures/plugins.ts";
import { lacks } from "../../fixtures/tools.ts";
import { type BacktraceFrame, MOST_FRAMES } from "../../protocol/backtrace.ts";
import { call, watchingHost } from "../support/calls.ts";
import type { Host } from "../support/host.ts";
import { fixturesDirectory, plugin, projectRoot } from "../support/paths.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";
import { run } from "../support/run.ts";

vi.setConfig({ hookTimeout: 120_000 });

const plugins = new PluginDirectory();
afterAll(() => plugins[Symbol.dispose]());

/** Compiles a plugin of fixtures/crashing. @returns its directory */
async function crashing(
  name: string,
  language: Language,
  file: string,
  flags: readonly string[] = [],
): Promise<string> {
  const directory = plugins.add(name, { library: null, manifest: { name } });
  const sources = [join(projectRoot, "fixtures", "crashing", file)];
  await compileLibrary({ language, sources, output: join(directory, libraryName(name)), flags: [...flags] });
  return directory;
}

beforeAll(async () => {
  await crashing("crashing", "c", "crashing.c");
  await crashing("crashing-stripped", "c", "crashing.c", ["-s"]);
});

const trusting = (args: readonly string[] = []) =>
  watchingHost({ trust: [plugins.path, fixturesDirectory], args: [...args] });

/** Loads a plugin that was compiled here. @returns its handle */
async function loadMade(host: Host, name: string, params: object = {}): Promise<string> {
  return (await host.result("plugin/load", { path: join(plugins.path, name), ...params })).handle;
}

interface Crash {
  readonly signal: string | null;
  readonly message: string;
  readonly address: string | undefined;
  readonly backtrace: readonly BacktraceFrame[] | undefined;
}

async function crashOf(host: Host, handle: string, what: string): Promise<Crash> {
  const { error } = await call(host, handle, what);
  expect(error?.data.kind).toBe("PLUGIN_CRASHED");
  const { signal, address, backtrace } = (error?.data ?? {}) as unknown as Crash;
  for (const frame of backtrace ?? []) expect(frame).toMatchObject({ offset: expect.any(Number) });
  expect(backtrace?.length ?? 0).toBeLessThanOrEqual(MOST_FRAMES);
  return { signal, address, backtrace, message: error?.message ?? "" };
}

const functionsOf = ({ backtrace = [] }: Crash) => backtrace.map((frame) => frame.function);
const frameIn = ({ backtrace = [] }: Crash, name: string) => backtrace.find((frame) => frame.function === name);

/** By what the hostile plugin does: the signal, and the function of the plugin that is told first. */
const kinds: Record<string, [signal: string, where: string, hasAddress: boolean]> = {
  segv: ["SIGSEGV", "segv", true],
  sigbus: ["SIGBUS", "sigbus", true],
  sigill: ["SIGILL", "sigill", true],
  sigfpe: ["SIGFPE", "sigfpe", false],
  abort: ["SIGABRT", "abort_", false],
  double_free: ["SIGABRT", "double_free", false],
  smash_heap: ["SIGSEGV", "smash_heap", true],
  stack_overflow: ["SIGSEGV", "recurse", true],
  call_null: ["SIGSEGV", "perform", true],
  run_data: ["SIGSEGV", "perform", true],
};

describe.each(Object.keys(kinds))("E20, E21: %s", (what) => {
  test("says the signal, the address and the plugin's own function", async () => {
    const [signal, where, hasAddress] = kinds[what] as (typeof kinds)[string];
    await using host = await watchingHost();
    const crash = await crashOf(host, await host.load("hostile"), what);
    expect(crash.signal).toBe(signal);
    if (hasAddress) expect(crash.address).toMatch(/^0x[0-9a-f]+$/);
    else expect(crash.address).toBeUndefined();
    const own = frameIn(crash, where);
    expect(own?.library).toBe(join(plugin("hostile"), libraryName("hostile")));
    const at = crash.address === undefined ? "" : ` at address ${crash.address}`;
    expect(crash.message).toContain(`signal ${signal}${at}, in ${where}+0x${own?.functionOffset?.toString(16)} (`);
  });
});

describe.each(["none", "standard", "strict"])("E20: under the profile %s", (profile) => {
  test("a crash of a call and one of a load are told", async () => {
    await using host = await watchingHost();
    const handle = await host.load("hostile", { sandbox: { profile } });
    expect(functionsOf(await crashOf(host, handle, "segv"))).toEqual(["segv", "perform", "vtcode_plugin_execute"]);
    const path = plugin("constructor-segv");
    const { data } = await host.error("plugin/load", { path, sandbox: { profile } });
    expect(data).toMatchObject({ kind: "PLUGIN_CRASHED", operation: "load", address: "0x0" });
    expect((data.backtrace as BacktraceFrame[])[0]?.library).toBe(join(path, libraryName("hostile")));
  });
});

describe("E20, E21: in C,", () => {
  test("one that was stripped has the same frames, and the names of what it exports", async () => {
    await using host = await trusting();
    const [whole, stripped] = await Promise.all(
      ["crashing", "crashing-stripped"].map(async (name) => crashOf(host, await loadMade(host, name), "fall")),
    );
    expect(functionsOf(whole as Crash)).toEqual(["fall", "vtcode_plugin_execute"]);
    expect(functionsOf(stripped as Crash)).toEqual([undefined, "vtcode_plugin_execute"]);
    const offsets = (crash?: Crash) => crash?.backtrace?.map(({ offset }) => offset);
    expect(offsets(stripped)).toEqual(offsets(whole));
    expect(stripped?.message).toMatch(/, in libcrashing-stripped\.so\+0x[0-9a-f]+$/);
  });

  test("nm finds the function by the offset", async () => {
    await using host = await trusting();
    const crash = await crashOf(host, await loadMade(host, "crashing"), "fall");
    const { library, offset = 0 } = frameIn(crash, "fall") ?? {};
    const said = execFileSync("nm", [library ?? ""], { encoding: "utf8" });
    const start = Number.parseInt(said.split("\n").find((line) => line.endsWith(" t fall")) ?? "", 16);
    expect(offset - start).toBe(frameIn(crash, "fall")?.functionOffset);
  });

  test("an assertion that does not hold", async () => {
    await using host = await trusting();
    const crash = await crashOf(host, await loadMade(host, "crashing"), "assert");
    expect(crash.signal).toBe("SIGABRT");
    expect(functionsOf(crash)).toEqual(expect.arrayContaining(["abort", "__assert_fail", "vtcode_plugin_execute"]));
  });

  test.skipIf(process.arch !== "x64")("a division by zero, which is a fault on some processors", async () => {
    await using host = await trusting();
    const crash = await crashOf(host, await loadMade(host, "crashing"), "divide");
    expect(crash).toMatchObject({ signal: "SIGFPE", address: expect.stringMatching(/^0x[0-9a-f]{6,}$/) });
    expect(functionsOf(crash)).toEqual(["divide", "vtcode_plugin_execute"]);
  });

  test("a thread of the plugin", async () => {
    await using host = await trusting();
    const crash = await crashOf(host, await loadMade(host, "crashing"), "on_thread");
    expect(functionsOf(crash).slice(0, 2)).toEqual(["fall", "fall_on_thread"]);
  });

  test("many threads at once: one of them is told", async () => {
    await using host = await trusting();
    const crash = await crashOf(host, await loadMade(host, "crashing"), "on_all_threads");
    expect([crash.signal, functionsOf(crash).slice(0, 2)]).toEqual(["SIGSEGV", ["fall", "fall_on_thread"]]);
  });

  test("a stack that overflows, on the main thread and on others: its last frames", async () => {
    await using host = await trusting(["--concurrency=4"]);
    for (let i = 0; i < 4; i++) {
      const crash = await crashOf(host, await loadMade(host, "crashing"), "overflow");
      expect([crash.signal, new Set(functionsOf(crash))]).toEqual(["SIGSEGV", new Set(["overflow"])]);
      expect(crash.backtrace).toHaveLength(MOST_FRAMES);
    }
  });

  test("a child that the plugin has forked crashes for itself", async () => {
    await using host = await trusting();
    const handle = await loadMade(host, "crashing", { sandbox: { exec: true } });
    expect((await call(host, handle, "in_child")).result.success).toBe(true);
    expect(functionsOf(await crashOf(host, handle, "fall"))[0]).toBe("fall");
  });

  test("a handler that the plugin has installed is left to it", async () => {
    await using host = await trusting();
    const { error } = await call(host, await loadMade(host, "crashing"), "own_handler");
    expect(error?.data).toMatchObject({ signal: null, exitCode: 9 });
    expect(error?.data).not.toHaveProperty("backtrace");
  });
});

describe("E20: what a plugin writes in the place of a backtrace", () => {
  test("spoils its own message, whatever it is", async () => {
    await using host = await trusting();
    const other = await host.load("counter");
    for (let i = 0; i < 20; i++) {
      const handle = await loadMade(host, "crashing");
      expect((await crashOf(host, handle, "forge_noise")).signal).toBe("SIGSEGV");
      await host.result("plugin/unload", { handle });
    }
    expect((await host.result("plugin/execute", { handle: other })).success).toBe(true);
  });

  test("has dlrpc open no file but its own and the system's, and ends", async () => {
    await using host = await trusting();
    const crash = await crashOf(host, await loadMade(host, "crashing"), "forge_files");
    expect(crash.backtrace?.map(({ library }) => library)).toContain("/dev/zero");
    expect(functionsOf(crash).filter((name) => name !== undefined)).toEqual([]);
  });
});

test.skipIf(!existsSync(plugin("throws-cpp")))("E21: a C++ exception that nothing catches", async () => {
  await using host = await watchingHost();
  const crash = await crashOf(host, await host.load("throws-cpp"), "throw");
  expect([crash.signal, functionsOf(crash).join()]).toEqual([
    "SIGABRT",
    expect.stringContaining("vtcode_plugin_execute"),
  ]);
});

test.skipIf(!existsSync(plugin("panics-rust")))("E21: a Rust panic that nothing catches", async () => {
  await using host = await watchingHost();
  const crash = await crashOf(host, await host.load("panics-rust"), "panic");
  expect([crash.signal, functionsOf(crash).join()]).toEqual([
    "SIGABRT",
    expect.stringContaining("vtcode_plugin_execute"),
  ]);
});

test.skipIf(lacks("go"))("E21: what a plugin in Go has of C", { timeout: 120_000 }, async () => {
  await crashing("crashing-go", "go", "crashing.go");
  await using host = await trusting();
  const crash = await crashOf(host, await loadMade(host, "crashing-go"), "anything");
  expect(crash.signal).toBe("SIGSEGV");
  expect(functionsOf(crash)[0]).toMatch(/fall_in_c/);
});

describe("E21: dlrpc exec shows the line of the source where the library was built with -g,", () => {
  const versions = ["-gdwarf-3", "-gdwarf-4", "-gdwarf-5", "-gz=zlib"];

  test.each(versions)("%s", async (flag) => {
    const path = await crashing(`crashing${flag.replaceAll("=", "-")}`, "c", "crashing.c", ["-g", flag]);
    const source = readFileSync(join(projectRoot, "fixtures", "crashing", "crashing.c"), "utf8").split("\n");
    const { stderr } = await run(["exec", path, "--input", '{"do":"fall"}']);
    const [, first, second] =
      /at fall\+.*crashing\.c:(\d+)\n {2}at vtcode_plugin_execute\+.*crashing\.c:(\d+)$/m.exec(stderr) ?? [];
    expect(source[Number(first) - 1]).toContain("*where = 1;");
    expect(source[Number(second) - 1]).toContain("fall(nowhere)");
  });

  test.skipIf(lacks("rustc"))("in Rust", async () => {
    const path = plugins.add("panics-g", { library: null, manifest: { name: "panics-g" } });
    const sources = [join(projectRoot, "fixtures", "hostile", "panics.rs")];
    await compileLibrary({ language: "rust", sources, output: join(path, libraryName("panics-g")), flags: ["-g"] });
    const { stderr } = await run(["exec", path, "--input", '{"do":"panic"}']);
    expect(stderr).toMatch(/panics\.rs:\d+$/m);
  });
});

test("E21: dlrpc exec shows each frame on a line", async () => {
  const { status, stderr } = await run(["exec", plugin("hostile"), "--input", '{"do":"segv"}']);
  expect(status).not.toBe(0);
  expect(stderr).toMatch(/^ {2}at segv\+0x[0-9a-f]+ \(libhostile\.so\+0x[0-9a-f]+\)$/m);
  expect(stderr).toMatch(/^ {2}at vtcode_plugin_execute\+0x[0-9a-f]+ \(libhostile\.so\+0x[0-9a-f]+\)$/m);
});
