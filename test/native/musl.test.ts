// A plugin for musl runs in a worker for musl, beside plugins for glibc: the C library that its library needs decides.

import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { libraryName } from "../../fixtures/plugins.ts";
import { lacks } from "../../fixtures/tools.ts";
import { buildWorker } from "../../packaging/worker.ts";
import { call, exited, listed, watchingHost } from "../support/calls.ts";
import { mappedFiles } from "../support/holdings.ts";
import { Host } from "../support/host.ts";
import { fixturesDirectory, projectRoot } from "../support/paths.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";
import { ProgramCopy } from "../support/program-copy.ts";

const sourceOf = (...path: string[]) => join(projectRoot, "fixtures", ...path);

/** Compiles a plugin for musl into a directory of plugins. @returns its path */
function compile(plugins: PluginDirectory, name: string, ...more: string[]): string {
  const path = plugins.add(name, { library: null });
  const output = join(path, libraryName(name));
  const headers = ["-I", join(projectRoot, "protocol")];
  execFileSync("musl-gcc", ["-std=c11", "-shared", "-fPIC", "-fvisibility=hidden", ...headers, ...more, "-o", output]);
  return path;
}

describe.skipIf(lacks("musl-gcc"))("a plugin for musl", () => {
  const target = "linux-x64-musl";
  let copy: ProgramCopy;
  let plugins: PluginDirectory;
  let echo: string;
  let parallel: string;
  const host = () => watchingHost({ program: copy.command, trust: [plugins.path, fixturesDirectory] });

  beforeAll(() => {
    copy = new ProgramCopy();
    copy.addWorker(buildWorker(target));
    plugins = new PluginDirectory();
    echo = compile(plugins, "echo", sourceOf("plugins", "echo", "echo.c"));
    const json = sourceOf("plugins", "code-search", "json.c");
    parallel = compile(plugins, "parallel", sourceOf("plugins", "parallel", "parallel.c"), json);
  });
  afterAll(() => {
    copy[Symbol.dispose]();
    plugins[Symbol.dispose]();
  });

  test("P9: what does not load says why, in musl's words", async () => {
    await using running = await host();
    const source = plugins.file("absent.c", "int absent(void) { return 1; }\n");
    const user = plugins.file("user.c", "int absent(void);\nint use(void) { return absent(); }\n");
    const entry = sourceOf("plugins", "echo", "echo.c");
    const undefined_ = compile(plugins, "undefined", entry, user);
    const opt = plugins.directory("opt");
    const needed = join(opt, libraryName("absent"));
    execFileSync("musl-gcc", ["-shared", "-fPIC", source, "-o", needed]);
    const elsewhere = compile(plugins, "elsewhere", entry, user, `-L${opt}`, "-labsent", `-Wl,-rpath,${opt}`);
    const failure = async (path: string) =>
      (await running.error("plugin/load", { path, sandbox: { profile: "strict" } })).data;
    expect(await failure(undefined_)).toMatchObject({ reason: "undefined-symbol", symbol: "absent" });
    expect(await failure(elsewhere)).toMatchObject({ reason: "not-readable", grant: { read: [opt] } });
    rmSync(needed);
    expect(await failure(elsewhere)).toMatchObject({ reason: "not-found", needed: libraryName("absent") });
  });

  test.each(["none", "standard", "strict"])(
    "runs under the profile %s, and one for glibc beside it",
    async (profile) => {
      await using running = await host();
      const { handle, sandbox, warnings } = await running.result("plugin/load", { path: echo, sandbox: { profile } });
      const other = await running.load("echo", { sandbox: { profile } });
      expect([sandbox.profile, warnings]).toEqual([profile, []]);
      for (const size of [10, 40_000, 3_000_000]) {
        const input = { text: "x".repeat(size) };
        for (const each of [handle, other])
          expect((await running.result("plugin/execute", { handle: each, input })).output.context.input).toEqual(input);
      }
      const isMusl = async (each: string) => mappedFiles((await listed(running, each)).pid).includes("musl");
      expect([await isMusl(handle), await isMusl(other)]).toEqual([true, false]);
      await running.result("plugin/unload", { handle });
      expect(await exited(running, handle)).toMatchObject({ exitCode: 0, reason: "unload" });
    },
  );

  test("runs several calls at once", async () => {
    await using running = await watchingHost({
      program: copy.command,
      trust: [plugins.path],
      args: ["--concurrency=4"],
    });
    const { handle } = await running.result("plugin/load", { path: parallel });
    const meet = () => running.result("plugin/execute", { handle, input: { meet: 4 } });
    expect((await Promise.all([1, 2, 3, 4].map(meet))).map(({ output }) => output.inside)).toEqual([4, 4, 4, 4]);
  });

  test("that lacks a function is told which", async () => {
    const source = plugins.file("lacking.c", "void nowhere_defined(void); void use(void) { nowhere_defined(); }");
    const path = compile(plugins, "lacking", sourceOf("plugins", "echo", "echo.c"), source);
    await using running = await host();
    const { data, message } = await running.error("plugin/load", { path });
    expect([data.kind, message]).toEqual(["LIBRARY_LOAD_FAILED", expect.stringContaining("nowhere_defined")]);
  });

  test("that crashes and one that hangs cost a call each", async () => {
    const hostile = ["hostile", "crashes", "ends", "channel", "output", "lies", "leftovers", "moments", "table"];
    const sources = hostile.map((name) => sourceOf("hostile", `${name}.c`));
    // What it does to the state of its process is glibc's own in part.
    const noStates = plugins.file(
      "states.c",
      "#include <hostile.h>\nconst struct behaviour states[] = {END_OF_BEHAVIOURS};",
    );
    const path = compile(
      plugins,
      "hostile",
      "-DALL_BEHAVIOURS",
      `-I${sourceOf("hostile")}`,
      "-w",
      ...sources,
      noStates,
    );
    await using running = await host();
    const { handle } = await running.result("plugin/load", { path });
    expect((await call(running, handle, "segv")).error?.data).toMatchObject({
      kind: "PLUGIN_CRASHED",
      signal: "SIGSEGV",
    });
    expect((await call(running, handle, "hang", { timeoutMs: 100 })).error?.data.kind).toBe("PLUGIN_TIMEOUT");
    expect((await call(running, handle, "deep_recursion")).result.success).toBe(true);
    expect((await call(running, handle, "count")).result.output.count).toBe(2);
  });

  test("gets WORKER_UNAVAILABLE where there is no worker for musl, and the hint says how to get one", async () => {
    using without = new ProgramCopy();
    const env = { XDG_CACHE_HOME: join(plugins.path, "no-cache") };
    await using running = new Host({ program: without.command, trust: [plugins.path, fixturesDirectory], env });
    const { code, message, data } = await running.error("plugin/load", { path: echo });
    expect([code, data.kind, message]).toEqual([-32011, "WORKER_UNAVAILABLE", expect.stringContaining(target)]);
    expect(data).toMatchObject({ plugin: "echo", path: echo, hint: expect.stringContaining("dlrpc build-worker") });
    await running.load("echo"); // for glibc there is one
  });

  test("runs in a worker that `dlrpc build-worker` has compiled", async () => {
    using without = new ProgramCopy();
    const cache = plugins.directory("cache");
    const [node = "", script = ""] = without.command;
    const kernelHeaders = "-idirafter /usr/include -idirafter /usr/include/x86_64-linux-gnu";
    const args = [script, "build-worker", "--cc", `musl-gcc ${kernelHeaders}`];
    const said = execFileSync(node, args, { env: { ...process.env, XDG_CACHE_HOME: cache }, encoding: "utf8" });
    expect(said).toMatch(
      new RegExp(`^the worker for ${target} is in ${cache}/dlrpc/workers/${target}-[0-9a-f]{16}\n$`),
    );
    await using running = new Host({
      program: without.command,
      trust: [plugins.path],
      env: { XDG_CACHE_HOME: cache },
    });
    const { handle } = await running.result("plugin/load", { path: echo });
    expect((await running.result("plugin/execute", { handle, input: { a: 1 } })).output.context.input).toEqual({
      a: 1,
    });
    rmSync(cache, { recursive: true });
    expect(basename(echo)).toBe("echo");
  });
});
