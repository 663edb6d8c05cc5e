// dlrpc itself is killed, at awkward moments, and comes back: SIGKILL is real, and so is what is left.

import { once } from "node:events";
import { cpSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { ConnectionLostError, type DlrpcHost, PathNotFoundError, RequestCancelledError } from "dlrpc/client";
import { describe, expect, test } from "vitest";
import { Gate, LoadGate } from "../support/gate.ts";
import { plugin as pathOf, program } from "../support/paths.ts";
import { childrenOf, descendantsOf, gone, killIfThere } from "../support/processes.ts";
import { TemporaryDirectory } from "../support/temporary-directory.ts";
import { begin, cleanEnvironment, failure, killed, spawnHost, spawnOften } from "./support.ts";

/** What a host says of its restarts, in order. */
function events(host: DlrpcHost): string[] {
  const said: string[] = [];
  for (const name of ["restarting", "restarted", "gaveUp", "exit"] as const) host.on(name, () => said.push(name));
  return said;
}

/** A command that starts dlrpc the first time, and from the second time on runs `later`, in which $n counts the starts. */
function wrapper({ path }: TemporaryDirectory, later: string): { command: [string, ...string[]] } {
  const file = join(path, "wrapper");
  const start = `exec '${process.execPath}' '${program}' "$@"`;
  const count = `echo >>'${path}/starts'; n=$(wc -l <'${path}/starts')`;
  writeFileSync(file, `#!/bin/sh\n${count}\n[ "$n" -ge 2 ] && { ${later}; }\n${start}\n`, { mode: 0o755 });
  return { command: [file] };
}

/** @returns what tells all that this process has started by then, and not before: esbuild, say, serves all files of tests */
function startedFromNow(): () => number[] {
  const before = new Set(descendantsOf(process.pid));
  return () => descendantsOf(process.pid).filter((pid) => !before.has(pid));
}

/** Every dlrpc that this process has started. */
const programs = () =>
  childrenOf(process.pid).filter((pid) => readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(program));

const counted = async (plugin: { execute<T extends object>(): Promise<{ output: T }> }) =>
  (await plugin.execute<{ pid: number; count: number }>()).output;

describe("a dlrpc that is killed comes back", () => {
  test("with the same plugins, loaded as they were, and the same objects", async () => {
    await using host = await spawnOften({ workspaceRoot: "/workspace" });
    const said = events(host);
    const counter = await host.load({ name: "counter" });
    const echo = await host.load({ name: "echo", config: { from: "load" } });
    const unloaded = await host.load({ name: "counter" });
    await unloaded.unload();
    const before = { pid: host.pid, counter: await counted(counter) };
    expect(await killed(host)).toEqual({ failed: [] });
    expect(host.pid).not.toBe(before.pid);
    const after = await counted(counter);
    expect(after.pid).not.toBe(before.counter.pid);
    expect(after.count).toBe(1);
    const context = { input: {}, workspace_root: "/workspace", config: { from: "load" } };
    expect((await echo.execute()).output).toEqual({ context });
    expect((await host.list()).map(({ name }) => name).toSorted()).toEqual(["counter", "echo"]);
    expect(said).toEqual(["restarting", "restarted"]);
    const exit = once(host, "exit");
    expect(await host.shutdown()).toMatchObject({ exitCode: 0 });
    await exit;
    expect(said).toEqual(["restarting", "restarted", "exit"]);
  });

  test("by SIGTERM, too: only the host's own wish ends it for good", async () => {
    await using host = await spawnOften();
    const counter = await host.load({ name: "counter" });
    const restarted = once(host, "restarted");
    process.kill(host.pid, "SIGTERM");
    await restarted;
    expect(await counted(counter)).toMatchObject({ count: 1 });
  });

  test("what it is to have an answer to fails, and says that it may have had effects; what is made later waits", async () => {
    await using host = await spawnOften();
    const plugin = await host.load(pathOf("hostile"));
    const { result } = await begin(plugin, { do: "hang" });
    const queued = plugin.execute({ do: "count" });
    const restarting = once(host, "restarting");
    process.kill(host.pid, "SIGKILL");
    for (const call of [result, queued]) {
      const error = await failure(call, ConnectionLostError);
      expect(error.data).toMatchObject({ sideEffectsUnknown: true, signal: "SIGKILL" });
    }
    const [{ error, attempt, delayMs }] = await restarting;
    expect(error).toBeInstanceOf(ConnectionLostError);
    expect({ attempt, delayMs }).toEqual({ attempt: 1, delayMs: 1 });
    const waiting = Array.from({ length: 20 }, () => plugin.execute<{ count: number }>({ do: "count" }));
    const counts = (await Promise.all(waiting)).map(({ output }) => output.count);
    expect(counts).toEqual(Array.from({ length: 20 }, (_, index) => index + 1)); // in order, and nothing else ran
    expect(await host.list()).toMatchObject([{ stats: { calls: 20 } }]);
  });

  test("no call runs twice, whenever it is killed", async () => {
    await using host = await spawnOften();
    const counter = await host.load({ name: "counter" });
    const seen: string[] = [];
    for (let round = 0; round < 10; round++) {
      const restarted = once(host, "restarted");
      const calls = Array.from({ length: 30 }, () => counted(counter));
      await calls[round]; // so many have been answered, and the others run or wait
      process.kill(host.pid, "SIGKILL");
      for (const outcome of await Promise.allSettled(calls)) {
        if (outcome.status === "fulfilled") seen.push(`${outcome.value.pid} ${outcome.value.count}`);
        else expect(outcome.reason).toMatchObject({ kind: "CONNECTION_LOST", data: { sideEffectsUnknown: true } });
      }
      await restarted;
      expect(await host.list()).toMatchObject([{ stats: { calls: 0 } }]); // none of them was sent again
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThan(10);
  });

  test("killed again at any moment of its return", async () => {
    await using host = await spawnOften();
    const counter = await host.load({ name: "counter" });
    for (let moment = 0; moment < 15; moment++) {
      const restarted = once(host, "restarted");
      const restarting = once(host, "restarting");
      process.kill(host.pid, "SIGKILL");
      await restarting;
      const waiting = counted(counter).catch((error: unknown) => error);
      await setTimeout(moment * 15); // the start takes about as long as the last of them
      const again = programs();
      for (const pid of again) killIfThere(pid);
      const outcome = await waiting;
      if (outcome instanceof Error)
        expect(outcome).toMatchObject({ data: { sideEffectsUnknown: true } }); // it was sent
      else expect(outcome).toMatchObject({ count: 1 });
      await restarted;
      while (again.includes(host.pid)) await once(host, "restarted"); // it had come back already when it was killed
      expect((await host.list()).map(({ name }) => name)).toEqual(["counter"]);
    }
    await host.shutdown();
    expect(programs()).toEqual([]);
  });

  test("killed again while it loads the plugins", async () => {
    await using gate = new LoadGate();
    await using host = await spawnOften({ env: { ...cleanEnvironment, ...gate.environment } });
    const said = events(host);
    const plugin = await host.load(pathOf("constructor-waits"));
    gate.shut();
    process.kill(host.pid, "SIGKILL");
    await gate.reached();
    const waiting = plugin.execute({ do: "count" });
    const [half] = programs().filter((pid) => descendantsOf(pid).length > 0);
    process.kill(half as number, "SIGKILL");
    await once(host, "restarting");
    await gate.open();
    expect(await waiting).toMatchObject({ output: { count: 1 } });
    expect(said).toEqual(["restarting", "restarting", "restarted"]);
  });

  test("killed again before it has answered `initialize`", async () => {
    using directory = new TemporaryDirectory();
    await using host = await spawnOften(wrapper(directory, `[ "$n" -le 4 ] && kill -KILL $$`));
    const said = events(host);
    const plugin = await host.load({ name: "counter" });
    expect(await killed(host)).toEqual({ failed: [] });
    expect(await counted(plugin)).toMatchObject({ count: 1 });
    expect(said).toEqual(["restarting", "restarting", "restarting", "restarting", "restarted"]);
  });

  test("a plugin that is not there any more fails with that, is no other plugin, and may come back", async () => {
    using directory = new TemporaryDirectory();
    const path = join(directory.path, "counter");
    cpSync(pathOf("counter"), path, { recursive: true });
    await using host = await spawnOften({ trust: [directory.path] });
    await using lost = await host.load(path);
    const other = await host.load(path);
    renameSync(path, `${path}.away`);
    const { failed } = await killed(host);
    expect(failed.map(({ plugin }) => plugin)).toEqual([lost, other]);
    expect(await failure(lost.execute(), PathNotFoundError)).toBe(failed[0]?.error);
    await failure(lost.reload(), PathNotFoundError);
    await other.unload(); // it is gone, as is wished
    renameSync(`${path}.away`, path);
    await lost.reload();
    expect(await counted(lost)).toMatchObject({ count: 1 });
    expect(await killed(host)).toEqual({ failed: [] });
    expect(await host.list()).toHaveLength(1);
  });

  test("a signal takes a call back that waits for it", async () => {
    await using host = await spawnHost({ restart: { backoffMs: 60_000 } });
    const plugin = await host.load({ name: "counter" });
    const restarting = once(host, "restarting");
    process.kill(host.pid, "SIGKILL");
    await restarting;
    const controller = new AbortController();
    const waiting = plugin.execute({}, { signal: controller.signal });
    controller.abort("no longer needed");
    expect(await failure(waiting, RequestCancelledError)).toMatchObject({ cause: "no longer needed" });
    await failure(plugin.execute({}, { signal: AbortSignal.abort() }), RequestCancelledError);
  });
});

describe("it stays away", () => {
  test("where it ends too often: what waits is refused, with the reason", async () => {
    using directory = new TemporaryDirectory();
    const options = { ...wrapper(directory, "kill -KILL $$"), restart: { maxRestarts: 2, backoffMs: 1 } };
    await using host = await spawnHost(options);
    const said = events(host);
    const plugin = await host.load({ name: "counter" });
    const gaveUp = once(host, "gaveUp");
    const exit = once(host, "exit");
    const restarting = once(host, "restarting");
    process.kill(host.pid, "SIGKILL");
    await restarting;
    const waiting = await failure(plugin.execute(), ConnectionLostError);
    expect(waiting.data.sideEffectsUnknown).toBe(false);
    expect(waiting.hint).toBe(
      "dlrpc ended too often (it was started again 2 times within 60000 ms) and is not started again. Spawn it anew.",
    );
    expect((await gaveUp)[0]).toMatchObject({ kind: "CONNECTION_LOST", data: { signal: "SIGKILL" } });
    await exit;
    expect(said).toEqual(["restarting", "restarting", "gaveUp", "exit"]);
    await failure(host.load({ name: "echo" }), ConnectionLostError);
    await failure(host.shutdown(), ConnectionLostError);
  });

  test("where it is killed while it shuts down", async () => {
    await using gate = new Gate();
    const host = await spawnOften();
    const said = events(host);
    const plugin = await host.load(pathOf("hostile"));
    const running = plugin.execute(gate.input.input);
    await gate.reached();
    const exit = once(host, "exit");
    const end = host.shutdown();
    process.kill(host.pid, "SIGKILL");
    for (const lost of [running, end]) await failure(lost, ConnectionLostError);
    await exit;
    expect(said).toEqual(["exit"]);
    await failure(plugin.execute(), ConnectionLostError);
  });

  test.each(["shutdown", "kill"] as const)("where `%s` comes while it waits for its time", async (how) => {
    const host = await spawnHost({ restart: { backoffMs: 60_000 } });
    const said = events(host);
    const plugin = await host.load({ name: "counter" });
    const restarting = once(host, "restarting");
    process.kill(host.pid, "SIGKILL");
    await restarting;
    const waiting = failure(plugin.execute(), ConnectionLostError);
    const exit = once(host, "exit");
    const end = host[how]();
    await waiting;
    if (how === "shutdown") await failure(end, ConnectionLostError);
    else expect(await end).toMatchObject({ signal: "SIGKILL" });
    await exit;
    expect(said).toEqual(["restarting", "exit"]);
  });

  test.each(["dispose", "kill"] as const)("where `%s` comes while it is started, and nothing is left", async (how) => {
    using directory = new TemporaryDirectory();
    await using gate = new Gate();
    const started = startedFromNow();
    const host = await spawnOften(wrapper(directory, `read x <'${gate.input.input.gate}'`)); // never answers initialize
    process.kill(host.pid, "SIGKILL");
    await gate.reached();
    const all = started();
    if (how === "dispose") await host[Symbol.asyncDispose]();
    else await host.kill();
    await gone(...all);
  });

  test.each(["dispose", "kill"] as const)(
    "where `%s` comes while it loads the plugins, and nothing is left",
    async (how) => {
      await using gate = new LoadGate();
      const started = startedFromNow();
      const host = await spawnOften({ env: { ...cleanEnvironment, ...gate.environment } });
      const said = events(host);
      const plugin = await host.load(pathOf("constructor-waits"));
      gate.shut();
      process.kill(host.pid, "SIGKILL");
      await gate.reached();
      const all = started();
      const waiting = failure(plugin.execute({ do: "count" }), ConnectionLostError);
      if (how === "dispose") await host[Symbol.asyncDispose]();
      else await host.kill();
      await waiting;
      await gone(...all);
      expect(said).toEqual(["restarting", "exit"]);
    },
  );

  test("where it was not asked for", async () => {
    await using host = await spawnHost();
    const said = events(host);
    const exit = once(host, "exit");
    process.kill(host.pid, "SIGKILL");
    await exit;
    expect(said).toEqual(["exit"]);
  });

  test("where it could not be started in the first place, and where the numbers are none", async () => {
    await failure(spawnOften({ command: "/nonexistent/dlrpc" }), ConnectionLostError);
    for (const restart of [{ maxRestarts: 0 }, { maxRestarts: 1.5 }, { windowMs: 0 }, { backoffMs: Number.NaN }]) {
      await expect(spawnHost({ restart })).rejects.toThrow(`restart.${Object.keys(restart)[0]} is `);
    }
  });
});
