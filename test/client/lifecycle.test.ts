// The program as the client starts it, loses it and ends it.

import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  ConnectionLostError,
  InvalidParamsError,
  PluginCrashedError,
  RequestCancelledError,
  ShuttingDownError,
} from "dlrpc/client";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Gate } from "../support/gate.ts";
import { plugin as pathOf, program } from "../support/paths.ts";
import { isAlive } from "../support/processes.ts";
import { TemporaryDirectory } from "../support/temporary-directory.ts";
import { begin, failure, spawnHost } from "./support.ts";

/** An executable that starts dlrpc and can be told from it. */
function wrapper(directory: string): string {
  const path = join(directory, "dlrpc");
  const script = `#!/bin/sh\necho "started by the wrapper" >&2\nexec '${process.execPath}' '${program}' "$@"\n`;
  writeFileSync(path, script, { mode: 0o755 });
  return path;
}

describe("finding the program", () => {
  afterEach(() => void vi.unstubAllEnvs());

  test("the one that it was published with", async () => {
    vi.stubEnv("DLRPC_BIN", "");
    await using host = await spawnHost();
    const { exitCode, stderrTail } = await host.shutdown();
    expect({ exitCode, stderrTail }).toEqual({ exitCode: 0, stderrTail: "" });
  });

  test("DLRPC_BIN", async () => {
    using directory = new TemporaryDirectory();
    vi.stubEnv("DLRPC_BIN", wrapper(directory.path));
    await using host = await spawnHost();
    expect((await host.shutdown()).stderrTail).toBe("started by the wrapper\n");
  });

  test("`command`, before DLRPC_BIN: an executable, a script, or the beginning of a command line", async () => {
    using directory = new TemporaryDirectory();
    vi.stubEnv("DLRPC_BIN", "/nonexistent/dlrpc");
    const said: string[] = [];
    const commands = [wrapper(directory.path), program, ["env", wrapper(directory.path)] as const];
    for (const command of commands) {
      await using host = await spawnHost({ command });
      said.push((await host.shutdown()).stderrTail);
    }
    expect(said).toEqual(["started by the wrapper\n", "", "started by the wrapper\n"]);
  });

  test("none: the error says what was tried and what to do", async () => {
    const error = await failure(spawnHost({ command: "/nonexistent/dlrpc" }), ConnectionLostError);
    expect(error.message).toContain("ENOENT");
    expect(error.data).toMatchObject({ kind: "CONNECTION_LOST", sideEffectsUnknown: false });
    expect(error.data.command).toMatch(/^\/nonexistent\/dlrpc serve /);
    expect(error.hint).toContain("DLRPC_BIN");
    expect(error.cause).toMatchObject({ code: "ENOENT" });
  });

  test("a working directory that does not exist is not mistaken for a missing program", async () => {
    const error = await failure(spawnHost({ cwd: "/nonexistent/directory" }), ConnectionLostError);
    expect(error.hint).toContain("/nonexistent/directory");
  });
});

/** A program that is not dlrpc, but can `answer(id, result)` like it. */
function script(code: string): { command: [string, ...string[]] } {
  const answer = `function message(members) {
    const body = JSON.stringify({ jsonrpc: "2.0", ...members });
    return "Content-Length: " + body.length + "\\r\\n\\r\\n" + body;
  }
  const answer = (id, result) => message({ id, result });
  const refusal = (code, text, data) => message({ id: 0, error: { code, message: text, data } });`;
  return { command: [process.execPath, "-e", `const fs = require("fs");\n${answer}\n${code}`, "--"] };
}

/** What the client needs to know of a program that is ready. */
const ready = `{ protocolVersion: 1, serverInfo: { name: "dlrpc" }, limits: { maxMessageBytes: 1e6 } }`;

describe("a program that does not become ready", () => {
  test("because it ends: its status and its last words are told", async () => {
    const error = await failure(spawnHost({ args: ["--no-such-option"] }), ConnectionLostError);
    expect(error.data).toMatchObject({ exitCode: 2, signal: null });
    expect(error.message).toContain("there is no option --no-such-option");
    expect(error.hint).toContain("`command`");
  });

  test("because it says something else", async () => {
    const error = await failure(
      spawnHost(script("console.log('Hello!'); setInterval(() => {}, 1000)")),
      ConnectionLostError,
    );
    expect(error.message).toContain('wrote "Hello!');
  });

  test("because it closes its stdout and lives on", async () => {
    const error = await failure(spawnHost(script("fs.closeSync(1); setInterval(() => {}, 1000)")), ConnectionLostError);
    expect(error.data.signal).toBe("SIGKILL");
  });

  test("because it never answers", async () => {
    const error = await failure(
      spawnHost({ ...script("setInterval(() => {}, 1000)"), startTimeoutMs: 100 }),
      ConnectionLostError,
    );
    expect(error.message).toMatch(/^dlrpc did not answer `initialize` within 100 ms \(`startTimeoutMs`\) \(command: /);
    expect(error.data).toMatchObject({ signal: "SIGKILL", sideEffectsUnknown: true });
  });

  test("because the time that it is given is none", async () => {
    for (const startTimeoutMs of [0, 1.5, Number.POSITIVE_INFINITY, Number.NaN]) {
      await expect(spawnHost({ startTimeoutMs })).rejects.toThrow(`startTimeoutMs is ${startTimeoutMs}: `);
    }
  });

  test.each([
    [
      "another version",
      `answer(0, { ...${ready}, protocolVersion: 2 })`,
      /^dlrpc speaks version 2 of the protocol, and this client version 1 \(/,
    ],
    ["another program", `answer(0, { serverInfo: { name: "gopls" } })`, /^dlrpc is another program: .*"gopls" \(/],
    ["one without a name", `answer(0, {})`, /^dlrpc is another program: .* nothing \(/],
    ["no object", `answer(0, 7)`, /^dlrpc is another program/],
    ["no limits", `answer(0, { ...${ready}, limits: null })`, /^dlrpc does not say how long a message may be/],
    ["a refusal", `refusal(-32601, "Unknown method")`, /^dlrpc is another program: .*"Unknown method" \(/],
    [
      "its versions",
      `refusal(-32602, "No", { kind: "INVALID_PARAMS", supported: [2, 3] })`,
      /^dlrpc speaks version 2, 3 of the protocol/,
    ],
  ])("because it answers as %s would: that is one sentence", async (_, said, message) => {
    const code = `process.stdin.once("data", () => process.stdout.write(${said})); setInterval(() => {}, 1000);`;
    const error = await failure(spawnHost(script(code)), ConnectionLostError);
    expect(error.message).toMatch(message);
    expect(error.hint).toContain("release");
    expect(error.data.signal).toBe("SIGKILL");
  });

  test("because dlrpc itself refuses: its own error is thrown", async () => {
    using directory = new TemporaryDirectory();
    const options = { workspaceRoot: "/", args: [`--allow-workspace=${directory.path}`] };
    const error = await failure(spawnHost(options), InvalidParamsError);
    expect(error.data.issues).toMatchObject([{ path: "workspaceRoot" }]);
  });

  test("until a signal is aborted", async () => {
    await using gate = new Gate();
    const controller = new AbortController();
    const open = `fs.openSync(${JSON.stringify(gate.input.input.gate)}); setInterval(() => {}, 1000)`;
    const starting = spawnHost({ ...script(open), signal: controller.signal });
    await Promise.race([gate.reached(), starting]);
    controller.abort("enough");
    expect(await failure(starting, RequestCancelledError)).toMatchObject({ cause: "enough" });
  });

  test("because the signal was aborted before", async () => {
    const signal = AbortSignal.abort("enough");
    const error = await failure(spawnHost({ command: "/nonexistent/dlrpc", signal }), RequestCancelledError);
    expect(error.cause).toBe("enough");
  });
});

describe("a program that is lost", () => {
  test("by a signal in mid-call: every request is rejected, at once and ever after", async () => {
    await using host = await spawnHost();
    const plugin = await host.load(pathOf("hostile"));
    const { result } = await begin(plugin, { do: "hang" });
    const waiting = plugin.execute();
    process.kill(host.pid, "SIGKILL");
    for (const call of [result, waiting]) {
      const error = await failure(call, ConnectionLostError);
      expect(error.data).toMatchObject({ signal: "SIGKILL", exitCode: null, sideEffectsUnknown: true });
      expect(error.message).toMatch(/SIGKILL.*dlrpc\.cjs serve/);
    }
    const later = await failure(host.list(), ConnectionLostError);
    expect(later.data.sideEffectsUnknown).toBe(false);
    await failure(host.shutdown(), ConnectionLostError);
  });

  test("its last words are told", async () => {
    using directory = new TemporaryDirectory();
    await using host = await spawnHost({ command: wrapper(directory.path) });
    const plugin = await host.load(pathOf("hostile"));
    const { result } = await begin(plugin, { do: "hang" });
    process.kill(host.pid, "SIGKILL");
    const error = await failure(result, ConnectionLostError);
    expect(error).not.toBeInstanceOf(PluginCrashedError);
    expect(error.data).toMatchObject({ signal: "SIGKILL", stderrTail: "started by the wrapper\n" });
    expect(error.message).toContain("started by the wrapper");
  });

  test("after it has answered: the answers arrive, and only what has none is rejected", async () => {
    // Answers 50 of 51 requests, and the last by half, all at once, and is gone.
    const code = `
      let text = "";
      process.stdin.on("data", (chunk) => {
        text += chunk;
        const ids = [...text.matchAll(/"id":(\\d+)/g)].map(([, id]) => Number(id));
        if (ids.length === 1) process.stdout.write(answer(ids[0], ${ready}));
        if (ids.length < 52) return;
        const answers = ids.slice(1, -1).map((id) => answer(id, { plugins: [id] })).join("");
        fs.writeSync(1, answers + answer(ids.at(-1), {}).slice(0, -1));
        process.exit(3);
      });`;
    await using host = await spawnHost(script(code));
    const requests = Array.from({ length: 51 }, () => host.list());
    const outcomes = await Promise.allSettled(requests);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(50);
    const error = await failure(requests[50] as Promise<unknown>, ConnectionLostError);
    expect(error.data.exitCode).toBe(3);
  });

  test("because it does not read any more, and lives on", async () => {
    const code = `
      fs.readSync(0, Buffer.alloc(1000));
      fs.closeSync(0);
      process.stdout.write(answer(0, ${ready}));
      setInterval(() => {}, 1000);`;
    await using host = await spawnHost(script(code));
    const error = await failure(host.list(), ConnectionLostError);
    expect(error.data.signal).toBe("SIGKILL");
  });

  test("while something that it has started keeps its pipes open", async () => {
    const command = ["sh", "-c", "sleep 1000 & echo $! >&2; exit 3", "--"] as const;
    const error = await failure(spawnHost({ command }), ConnectionLostError);
    process.kill(Number(error.data.stderrTail), "SIGKILL");
    expect(error.data.exitCode).toBe(3);
  });
});

describe("the end", () => {
  test("shutdown ends the process in order, and is the same when asked for twice", async () => {
    const host = await spawnHost();
    const plugin = await host.load({ name: "counter" });
    const call = plugin.execute();
    const ends = await Promise.all([host.shutdown(), host.shutdown()]);
    await expect(call).resolves.toMatchObject({ success: true });
    expect(ends[0]).toBe(ends[1]);
    expect(ends[0]).toMatchObject({ exitCode: 0, signal: null });
    expect(await host.shutdown()).toBe(ends[0]); // also when it is over
    expect(isAlive(host.pid)).toBe(false);
    await failure(host.list(), ConnectionLostError);
  });

  test("while it shuts down, new calls are refused and those that run are finished", async () => {
    await using host = await spawnHost();
    await using gate = new Gate();
    const plugin = await host.load(pathOf("hostile"));
    const running = plugin.execute(gate.input.input);
    await gate.reached();
    const end = host.shutdown();
    await failure(plugin.execute(), ShuttingDownError);
    await gate.open();
    await expect(running).resolves.toMatchObject({ success: true });
    expect(await end).toMatchObject({ exitCode: 0 });
  });

  test("shutdown of a program that ends already, by a signal, waits for that", async () => {
    await using host = await spawnHost();
    await using gate = new Gate();
    const plugin = await host.load(pathOf("hostile"));
    const running = plugin.execute(gate.input.input);
    await gate.reached();
    process.kill(host.pid, "SIGTERM");
    const untilItArrives = async () => {
      for (;;) await host.list();
    };
    await failure(untilItArrives(), ShuttingDownError);
    const end = host.shutdown();
    await gate.open();
    await expect(running).resolves.toMatchObject({ success: true });
    expect(await end).toMatchObject({ exitCode: 0, signal: null });
  });

  test("await using ends the process of the host, and the plugin's", async () => {
    let hostPid = 0;
    let pluginPid = 0;
    {
      await using host = await spawnHost();
      hostPid = host.pid;
      {
        await using plugin = await host.load({ name: "counter" });
        pluginPid = (await plugin.execute<{ pid: number }>()).output.pid;
        expect(isAlive(pluginPid)).toBe(true);
      }
      expect(isAlive(pluginPid)).toBe(false);
      expect(await host.list()).toEqual([]);
    }
    expect(isAlive(hostPid)).toBe(false);
  });

  test("await using is content with what is gone already", async () => {
    await using killed = await spawnHost();
    await using ofKilled = await killed.load({ name: "echo" });
    await killed.kill();
    await using ended = await spawnHost();
    await using ofEnded = await ended.load({ name: "echo" });
    await ended.shutdown();
    await using host = await spawnHost();
    await using unloaded = await host.load({ name: "echo" });
    await unloaded.unload();
    expect([ofKilled.handle, ofEnded.handle, unloaded.handle]).toHaveLength(3);
  });

  test("dispose says so when something else is wrong", async () => {
    await using host = await spawnHost();
    const plugin = await host.load({ name: "echo" });
    Object.defineProperty(plugin, "handle", { value: 7 });
    await expect(plugin[Symbol.asyncDispose]()).rejects.toMatchObject({ kind: "INVALID_PARAMS" });
  });
});

test("two clients at once do not see each other", async () => {
  await using one = await spawnHost();
  await using other = await spawnHost();
  const plugins = await Promise.all([one.load({ name: "counter" }), other.load({ name: "counter" })]);
  const counts = await Promise.all([...plugins, ...plugins].map((plugin) => plugin.execute<{ count: number }>()));
  expect(counts.map(({ output }) => output.count)).toEqual([1, 1, 2, 2]);
  const exit = once(one, "exit");
  await one.kill();
  await exit;
  expect(await plugins[1].execute()).toMatchObject({ output: { count: 3 } });
});
