// `dlrpc build-worker`: a program that lacks a worker says so, compiles one, and uses it; one that others could have changed
// it does not use.

import { chmodSync, chownSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { lacks } from "../../../fixtures/tools.ts";
import { call } from "../../support/calls.ts";
import { shippedWorker } from "../../support/hand-worker.ts";
import { Host } from "../../support/host.ts";
import { plugin } from "../../support/paths.ts";
import { PluginDirectory } from "../../support/plugin-directory.ts";
import { ProgramCopy } from "../../support/program-copy.ts";
import { type Outcome, run } from "../../support/run.ts";

const target = `${process.platform}-${process.arch}`;
const path = plugin("hostile");

let copy: ProgramCopy;
let files: PluginDirectory;
let cache: string;
beforeEach(() => {
  copy = new ProgramCopy();
  copy.remove("workers");
  files = new PluginDirectory();
  cache = files.directory("cache");
  return () => {
    copy[Symbol.dispose]();
    files[Symbol.dispose]();
  };
});

const host = () => new Host({ program: copy.command, env: { XDG_CACHE_HOME: cache } });
const build = (...options: string[]): Promise<Outcome> =>
  run(["build-worker", ...options], { program: copy.command, env: { XDG_CACHE_HOME: cache, TMPDIR: files.path } });
const built = () => readdirSync(join(cache, "dlrpc", "workers")).map((name) => join(cache, "dlrpc", "workers", name));

test("without a worker a load is WORKER_UNAVAILABLE with a hint; with one that was built it works, at once", async () => {
  await using running = host();
  const { code, message, data } = await running.error("plugin/load", { path });
  expect([code, data.kind]).toEqual([-32011, "WORKER_UNAVAILABLE"]);
  expect(message).toBe(`This dlrpc has no worker, the program that plugins run in, for ${target}`);
  expect(data).toMatchObject({ plugin: "hostile", path, hint: expect.stringContaining("`dlrpc build-worker`") });
  expect(await running.result("plugin/list")).toEqual({ plugins: [] });

  const { status, stdout, stderr } = await build();
  const [worker = "", ...others] = built();
  expect(others).toEqual([]);
  expect([status, stdout, stderr]).toEqual([0, `the worker for ${target} is in ${worker}\n`, ""]);
  expect(statSync(worker).mode & 0o777).toBe(0o700);
  expect(readdirSync(files.path)).toEqual(["cache"]); // what it was compiled from is gone

  const handle = await running.load("hostile", { sandbox: { require: true } });
  expect((await call(running, handle, "segv")).error?.data.kind).toBe("PLUGIN_CRASHED");
  expect((await call(running, handle, "count")).result.output.count).toBe(1);
  expect(await running.finish()).toEqual({ status: 0, signal: null });
  expect(running.stderr).toBe("");
});

test("exec says the same, and what to do", async () => {
  const { status, stdout, stderr } = await run(["exec", path], {
    program: copy.command,
    env: { XDG_CACHE_HOME: cache },
  });
  expect([status, stdout]).toEqual([6, ""]);
  expect(stderr).toMatch(/WORKER_UNAVAILABLE: This dlrpc has no worker.*\n +Compile it here with `dlrpc build-worker`/);
});

test("a worker that was built before is replaced; one that is shipped comes first", async () => {
  await build();
  const [worker = ""] = built();
  writeFileSync(worker, "no program");
  const before = statSync(worker).ino;
  expect((await build("--cc", "cc -O1")).status).toBe(0);
  expect(built()).toEqual([worker]);
  expect(statSync(worker).ino).not.toBe(before);
  writeFileSync(worker, "no program");
  copy.addWorker(shippedWorker);
  await using running = host();
  await running.load("hostile");
});

describe("a worker that others may have changed is not used, and the log says so:", () => {
  const changes: Record<string, (worker: string) => void> = {
    "its group may write to it": (worker) => chmodSync(worker, 0o720),
    "everyone may write to it": (worker) => chmodSync(worker, 0o702),
    ...(process.getuid?.() === 0 && {
      "it belongs to another user": (worker: string) => chownSync(worker, 65534, 65534),
    }),
  };
  test.each(Object.entries(changes))("%s", async (_, change) => {
    await build();
    const [worker = ""] = built();
    change(worker);
    await using running = host();
    expect((await running.error("plugin/load", { path })).data.kind).toBe("WORKER_UNAVAILABLE");
    await expect
      .poll(() => running.stderr)
      .toMatch(/^dlrpc: warn: .* is not used: it (belongs to user 65534|may be written to by its group or by others)/);
    expect(running.stderr).toContain(worker);
  });

  test("a link is in its place", async () => {
    await build();
    const [worker = ""] = built();
    const elsewhere = files.file("elsewhere", readFileSync(worker));
    chmodSync(elsewhere, 0o700);
    rmSync(worker);
    symlinkSync(elsewhere, worker);
    await using running = host();
    expect((await running.error("plugin/load", { path })).data.kind).toBe("WORKER_UNAVAILABLE");
  });
});

describe("a compiler that does not make a worker is one sentence, and nothing is kept:", () => {
  const cross = "aarch64-linux-gnu-gcc";
  const compilers: [compiler: string, says: RegExp][] = [
    ["false", /^dlrpc: `false` does not compile the worker \(it ended with status 1 and made no program\)\n$/],
    ["true", /^dlrpc: `true` does not compile the worker \(it ended with status 0 and made no program\)\n$/],
    ["/nonexistent/cc", /^dlrpc: `\/nonexistent\/cc` cannot be run \(.*ENOENT\); a C compiler is needed\n$/],
    ["cc -include /none.h", /^dlrpc: `cc -include \/none\.h` does not compile the worker:\n.*error: \/none\.h/s],
    ...(process.arch === "x64" && !lacks(cross)
      ? ([[cross, /^dlrpc: `aarch64-linux-gnu-gcc` compiles for linux-arm64; linux-x64 is needed\n$/]] as [
          string,
          RegExp,
        ][])
      : []),
  ];
  test.each(compilers)("%s", async (compiler, says) => {
    const { status, stdout, stderr } = await build("--cc", compiler);
    expect([status, stdout, stderr]).toEqual([2, "", expect.stringMatching(says)]);
    expect(readdirSync(files.path)).toEqual(["cache"]);
    expect(readdirSync(cache)).toEqual([]);
  });

  test("$CC, where no option says another", async () => {
    const env = { XDG_CACHE_HOME: cache, CC: "/nonexistent/cc" };
    const { status, stderr } = await run(["build-worker"], { program: copy.command, env });
    expect([status, stderr]).toEqual([2, expect.stringContaining("`/nonexistent/cc` cannot be run")]);
    expect((await run(["build-worker", "--cc", "cc"], { program: copy.command, env })).status).toBe(0);
  });
});

test("what is not an option is refused, and the help lists the verb", async () => {
  const { status, stderr } = await build("here");
  expect([status, stderr]).toEqual([2, expect.stringMatching(/^dlrpc: `here` is not understood; build-worker takes/)]);
  const { stdout } = await run(["--help"], { program: copy.command });
  expect(stdout).toMatch(/^ {2}build-worker +compiles the program that plugins run in/m);
  const { stdout: page } = await run(["help", "build-worker"], { program: copy.command });
  expect(page).toMatch(/^options:\n +--cc COMMAND/m);
});
