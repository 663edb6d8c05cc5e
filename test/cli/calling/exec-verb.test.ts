// `dlrpc exec`: one call of one plugin, for people and scripts.

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, closeSync, constants, openSync, readFileSync, writeSync } from "node:fs";
import { constants as systemConstants } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { libraryName } from "../../../fixtures/plugins.ts";
import { libc } from "../../../src/ffi/libc.ts";
import { Gate } from "../../support/gate.ts";
import { fixturesDirectory, plugin, program } from "../../support/paths.ts";
import { PluginDirectory } from "../../support/plugin-directory.ts";
import { childrenOf, gone } from "../../support/processes.ts";
import { type Outcome, type RunOptions, run } from "../../support/run.ts";

const { EACCES, EPERM } = systemConstants.errno;

function exec(args: readonly string[], options?: RunOptions): Promise<Outcome> {
  return run(["exec", ...args], options);
}

/** Has the hostile plugin do something. */
function hostile(what: string, ...args: string[]): Promise<Outcome> {
  return exec([plugin("hostile"), "--input", JSON.stringify({ do: what }), ...args]);
}

/** What the echo plugin was given. */
async function context(args: readonly string[], options?: RunOptions): Promise<unknown> {
  const { status, stdout, stderr } = await exec([plugin("echo"), ...args], options);
  expect([status, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout).output.context;
}

test("exec PATH prints the plugin's result on one line, as it was written (M5)", async () => {
  const { status, stdout, stderr } = await exec([plugin("echo"), "--input", '{"n":1.50,"big":12345678901234567890}']);
  const given = '{"input":{"n":1.50,"big":12345678901234567890},"workspace_root":null,"config":{}}';
  expect(stdout).toBe(`{"success":true,"output":{"context":${given}},"error":null,"files":[]}\n`);
  expect([status, stderr]).toEqual([0, ""]);
});

test("exec PATH is relative to the working directory, and what a person names need not be trusted", async () => {
  const { status, stdout } = await exec(["./hello-world"], { cwd: fixturesDirectory });
  expect(status).toBe(0);
  expect(JSON.parse(stdout).output).toEqual({ message: "Hello, world!" });
});

test("exec NAME looks where plugins are trusted", async () => {
  const trusted = await exec(["hello-world", "--trust", fixturesDirectory]);
  expect(trusted.status).toBe(0);
  const listed = await exec(["hello-world"], { env: { DLRPC_TRUSTED_DIRS: fixturesDirectory } });
  expect(listed.stdout).toBe(trusted.stdout);
});

test("exec NAME says where it looked in vain", async () => {
  const { status, stdout, stderr } = await exec(["no-such-plugin", "--trust", fixturesDirectory]);
  expect([status, stdout]).toEqual([3, ""]);
  expect(stderr).toMatch(/^dlrpc: PATH_NOT_FOUND: .*no-such-plugin.*\n {2}Searched: .*fixtures/);
});

test("exec --input takes JSON, @FILE and -", async () => {
  using files = new PluginDirectory();
  const file = files.file("input.json", ' {"from":"a file"}\n');
  expect(await context(["--input", '{"from":"here"}'])).toMatchObject({ input: { from: "here" } });
  expect(await context(["--input", `@${file}`])).toMatchObject({ input: { from: "a file" } });
  expect(await context(["--input=-"], { input: '{"from":"stdin"}\n' })).toMatchObject({ input: { from: "stdin" } });
  expect(await context(["--input", "-"], { input: "{}" })).toMatchObject({ input: {} });
});

test("exec without options gives the plugin {}, null and {} (E1)", async () => {
  expect(await context([])).toEqual({ input: {}, workspace_root: null, config: {} });
});

test("exec --config and --workspace", async () => {
  using files = new PluginDirectory();
  const workspace_root = files.directory("sub");
  const args = ["--config", '{"a":1}', "--workspace", "sub"];
  expect(await context(args, { cwd: files.path })).toEqual({ input: {}, workspace_root, config: { a: 1 } });
});

test("D3: exec shows what is unusual about the plugin, each warning in a line", async () => {
  using plugins = new PluginDirectory();
  const path = plugins.add("Made", { manifest: { version: "new", abi_version: undefined } });
  chmodSync(path, 0o777);
  const { status, stderr } = await exec([path]);
  expect(status).toBe(0);
  const codes = [...stderr.matchAll(/^dlrpc: warn: (\w+): .*\n {2}\S/gm)].map(([, code]) => code);
  expect(codes).toEqual([
    ...["WRITABLE_BY_OTHERS", "NAME_NOT_PLAIN", "VERSION_NOT_SEMVER", "ABI_VERSION_MISSING"],
    "METADATA_DIFFERS",
  ]);
});

test("exec ends with 1 for success:false; the result is printed all the same", async () => {
  const { status, stdout, stderr } = await hostile("answer_failure");
  expect([status, stderr]).toEqual([1, ""]);
  expect(JSON.parse(stdout)).toMatchObject({ success: false, error: "no luck" });
});

test.each([
  ["not JSON", ["--input", "{a"], /--input is not JSON: .*; a JSON object is needed/],
  ["not an object", ["--input", "[1]"], /--input is not a JSON object/],
  ["empty", ["--input", "-"], /--input is not JSON/],
  ["two values", ["--input", "{}{}"], /--input is not JSON/],
  ["a file that does not exist", ["--input", "@/nonexistent/file"], /--input: ENOENT.*\/nonexistent\/file/],
  ["a directory", ["--input", "@/"], /--input: EISDIR/],
  ["no JSON for config", ["--config", "yes"], /--config is not JSON/],
])("exec refuses an input that is %s", async (_, args, message) => {
  const { status, stdout, stderr } = await exec([plugin("echo"), ...args]);
  expect(stderr).toMatch(message);
  expect([status, stdout]).toEqual([2, ""]);
});

test("exec refuses a stdin that cannot be read, in one line", () => {
  const stdin = openSync("/", "r");
  const { status, stderr } = spawnSync(process.execPath, [program, "exec", plugin("echo"), "--input", "-"], {
    stdio: [stdin, "pipe", "pipe"],
    encoding: "utf8",
  });
  closeSync(stdin);
  expect(stderr).toMatch(/^dlrpc: --input: EISDIR.*\n$/);
  expect(status).toBe(2);
});

test("exec --input - waits for a stdin that its parent has set not to block", async () => {
  using files = new PluginDirectory();
  const fifo = join(files.path, "stdin");
  execFileSync("mkfifo", [fifo]);
  const stdin = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK); // without that it would wait for a writer
  const writer = openSync(fifo, "w");
  const child = spawn(process.execPath, [program, "exec", plugin("echo"), "--input", "-"], {
    stdio: [stdin, "pipe", "inherit"],
  });
  const F_SETFL = 4;
  libc("fcntl", "int", ["int", "int", "int"])(stdin, F_SETFL, constants.O_NONBLOCK); // Node undid it for its child
  const stdout = text(child.stdout as Readable);
  while (child.exitCode === null && !readsStdin(child.pid as number)) await setTimeout(5);
  writeSync(writer, '{"late":true}');
  for (const descriptor of [stdin, writer]) closeSync(descriptor);
  expect(JSON.parse(await stdout).output.context.input).toEqual({ late: true });
});

/** Whether it is in read(2) of its stdin (Linux: proc(5)). */
function readsStdin(pid: number): boolean {
  return /^\d+ 0x0 /.test(readFileSync(`/proc/${pid}/syscall`, "utf8"));
}

test("exec says in one line that its result cannot be written, with the status of serve", () => {
  const full = openSync("/dev/full", "w");
  const { status, stderr } = spawnSync(process.execPath, [program, "exec", plugin("echo")], {
    stdio: ["ignore", full, "pipe"],
    encoding: "utf8",
  });
  closeSync(full);
  expect(stderr).toMatch(/^dlrpc: stdout: ENOSPC.*\n$/);
  expect(status).toBe(74);
});

test("exec --timeout-ms ends a call that takes longer, with kind and hint", async () => {
  const { status, stdout, stderr } = await hostile("hang", "--timeout-ms=50");
  expect([status, stdout]).toEqual([5, ""]);
  expect(stderr).toMatch(/^dlrpc: PLUGIN_TIMEOUT: .* 50 ms.*\n {2}.*Allow more with --timeout-ms/);
});

test("exec --timeout-ms ends a load that takes longer", async () => {
  const { status, stderr } = await exec([plugin("hangs-at-load"), "--timeout-ms=50"]);
  expect(status).toBe(5);
  expect(stderr).toMatch(/^dlrpc: PLUGIN_TIMEOUT: .*loaded.*\n {2}.*--timeout-ms/);
});

test("exec prints an error's kind, message and hint on stderr, and nothing on stdout", async () => {
  const { status, stdout, stderr } = await hostile("answer_not_json");
  expect([status, stdout]).toEqual([3, ""]);
  expect(stderr).toMatch(/^dlrpc: INVALID_RESULT: .*\n {2}vtcode_plugin_execute must return .*\n$/);
});

test("exec --strict-permissions refuses what others may write to (T3)", async () => {
  using plugins = new PluginDirectory();
  const path = plugins.add("made-up");
  chmodSync(path, 0o777);
  expect((await exec([path])).status).toBe(0);
  const { status, stderr } = await exec([path, "--strict-permissions"]);
  expect(status).toBe(6);
  expect(stderr).toMatch(/^dlrpc: UNTRUSTED_PATH: .*\n {2}chmod go-w /);
});

test("exec --trust-workspace finds the plugins of --workspace, which nobody else does (T1)", async () => {
  using workspace = new PluginDirectory();
  workspace.add(join(".agents", "plugins", "made-up"), { as: [libraryName("made-up")], manifest: { name: "made-up" } });
  const args = ["made-up", "--workspace", workspace.path];
  expect((await exec(args)).stderr).toContain("PATH_NOT_FOUND");
  expect((await exec([...args, "--trust-workspace"])).status).toBe(0);
  expect((await exec(["made-up", "--trust-workspace"])).stderr).toContain("--trust-workspace needs --workspace DIR");
});

describe("exec takes every grant (S2)", () => {
  /** By which errno an attempt of the attack plugin fails; 0: it does not. */
  async function errno(attempt: object, ...args: string[]): Promise<number> {
    const { stdout, stderr } = await exec([plugin("attack"), "--input", JSON.stringify(attempt), ...args]);
    expect(stderr).toBe("");
    return JSON.parse(stdout).output.errno;
  }

  test("--network and --exec", async () => {
    expect([await errno({ do: "tcp_listen" }), await errno({ do: "tcp_listen" }, "--network")]).toEqual([EPERM, 0]);
    expect([await errno({ do: "spawn" }), await errno({ do: "spawn" }, "--exec")]).toEqual([EPERM, 0]);
  });

  test("--read and --write, each as often as it is wanted, from the working directory on", async () => {
    using files = new PluginDirectory();
    const [one, two] = [files.directory("one"), files.directory("two")];
    for (const [grant, attempt, is] of [
      ["--read", "list", (path: string) => ({ path })],
      ["--write", "create", (path: string) => ({ target: join(path, "made") })],
    ] as const) {
      const args = (path: string) => [plugin("attack"), "--input", JSON.stringify({ do: attempt, ...is(path) })];
      const errnoIn = async (path: string, ...grants: string[]) => {
        const { stdout } = await exec([...args(path), "--sandbox=strict", ...grants], { cwd: files.path });
        return JSON.parse(stdout).output.errno;
      };
      expect(await errnoIn(one)).toBe(EACCES);
      expect([await errnoIn(one, grant, "one"), await errnoIn(two, grant, "one")]).toEqual([0, EACCES]);
      expect(await errnoIn(two, grant, one, grant, "./two", "--workspace", one)).toBe(0);
    }
  });

  test("--memory-mb", async () => {
    const args = [plugin("memory"), "--input", JSON.stringify({ do: "own", mib: 512 })];
    expect((await exec([...args, "--memory-mb=1024"])).status).toBe(0);
    const { status, stderr } = await exec([...args, "--memory-mb=64"]);
    expect([status, stderr]).toEqual([
      4,
      expect.stringMatching(/PLUGIN_CRASHED: .* MiB of memory, 64 are allowed\n {2}Ask for more with --memory-mb/),
    ]);
  });

  test("--grant-requested grants what plugin.json asks for, and nothing else does", async () => {
    using plugins = new PluginDirectory();
    const outside = plugins.directory("outside");
    const permissions = { profile: "strict", network: true, read: [outside], memoryMb: 2048 };
    const made = plugins.add("attack", { library: "attack", manifest: { permissions } });
    const outcome = async (attempt: object, ...args: string[]) => {
      const { stdout, stderr } = await exec([made, "--input", JSON.stringify(attempt), ...args]);
      return [JSON.parse(stdout).output.errno, stderr];
    };
    const warning = expect.stringMatching(/^dlrpc: warn: PERMISSIONS_NOT_GRANTED: .*network: true, memoryMb: 2048/);
    expect(await outcome({ do: "tcp_listen" })).toEqual([EPERM, warning]);
    expect(await outcome({ do: "tcp_listen" }, "--grant-requested")).toEqual([0, ""]);
    expect(await outcome({ do: "list", path: outside }, "--grant-requested")).toEqual([0, ""]);
    expect(await outcome({ do: "list", path: "/etc" }, "--grant-requested")).toEqual([EACCES, ""]); // it asks for strict
    expect(await outcome({ do: "spawn" }, "--grant-requested")).toEqual([EPERM, ""]);
    expect(await outcome({ do: "spawn" }, "--grant-requested", "--exec")).toEqual([0, ""]);
    expect(await outcome({ do: "list", path: "/etc" }, "--grant-requested", "--sandbox=standard")).toEqual([0, ""]);
    const less = expect.stringMatching(/memoryMb: 2048/);
    expect(await outcome({ do: "fork" }, "--grant-requested", "--memory-mb=64")).toEqual([EPERM, less]);
  });

  test("--grant-requested asks for nothing that is there without a grant", async () => {
    using plugins = new PluginDirectory();
    const itself = { profile: "strict", read: ["/proc/self", plugins.path] };
    const manifest = { name: "counter" };
    const as = [libraryName("counter")];
    const own = plugins.add("own", { manifest: { ...manifest, permissions: itself }, as });
    const permissions = { network: false, memoryMb: 2048 };
    const more = plugins.add("more", { manifest: { ...manifest, permissions }, as });
    for (const args of [
      [own, "--sandbox=strict", "--read", plugins.path],
      [own, "--grant-requested"],
      [more, "--sandbox=none", "--grant-requested"],
    ]) {
      const { status, stderr } = await exec(args);
      expect([status, stderr]).toEqual([0, ""]);
    }
  });

  test("--grant-requested says where plugin.json cannot be understood", async () => {
    using plugins = new PluginDirectory();
    const made = plugins.add("made", { manifest: { permissions: { netwrok: true } } });
    const { status, stderr } = await exec([made, "--grant-requested"]);
    expect([status, stderr]).toEqual([0, expect.stringMatching(/PERMISSIONS_NOT_UNDERSTOOD: .*netwrok/)]);
  });

  test.each([
    [["--read", "/nowhere"], /: --read: \/nowhere is not there \(ENOENT\)/],
    [["--write", "/nowhere"], /: --write: \/nowhere is not there \(ENOENT\)/],
    [["--read"], /--read needs a value: --read PATH/],
    [["--memory-mb", "0"], /--memory-mb is `0`, a whole number from 1 to 1048576 is needed/],
    [["--memory-mb", "1048577"], /--memory-mb is `1048577`/],
    [["--sandbox=none", "--memory-mb=64"], /: --sandbox: the profile `none` enforces nothing/],
    [["--network=yes"], /--network takes no value/],
  ])("%j is refused", async (args, message) => {
    const { status, stdout, stderr } = await exec([plugin("echo"), ...args]);
    expect([status, stdout, stderr]).toEqual([2, "", expect.stringMatching(message)]);
  });
});

test("exec lets what the plugin prints go to stderr, and only the result to stdout", async () => {
  const { status, stdout, stderr } = await hostile("print");
  expect([status, JSON.parse(stdout)]).toEqual([0, { success: true, output: {}, error: null, files: [] }]);
  expect(stderr.split("\n").sort()).toEqual(["", "printed to stderr", "printed to stdout"]);
});

test("exec shows what a plugin prints without ending the line", async () => {
  expect((await hostile("print_unfinished")).stderr).toBe("printed without a line end");
});

test("exec shows what a plugin printed before it crashed, once", async () => {
  const { status, stdout, stderr } = await hostile("segv");
  expect([status, stdout]).toEqual([4, ""]);
  expect(stderr).toMatch(/^about to fall\ndlrpc: PLUGIN_CRASHED: .*SIGSEGV.*\n/);
  expect(stderr.match(/about to fall/g)).toHaveLength(1);
});

test("exec shows what a plugin printed before it crashed at load, once", async () => {
  const { status, stderr } = await exec([plugin("crashes-at-load")]);
  expect(status).toBe(4);
  expect(stderr).toContain("PLUGIN_CRASHED");
  expect(stderr.match(/the constructor says goodbye/g)).toHaveLength(1);
});

test("exec shows what a plugin prints while it is loaded", async () => {
  const { status, stderr } = await exec([plugin("parrot"), "--env", "GREETING=hello\n"]);
  expect([status, stderr]).toEqual([0, "hello\n"]);
});

test("exec gives a plugin an empty stdin, also where its own is not", async () => {
  const { stdout } = await exec([plugin("hostile"), "--input", '{"do":"read_stdin"}'], { input: "for nobody" });
  expect(JSON.parse(stdout).output).toEqual({ read: 0 });
});

/** For 128 MB in small pieces, on a machine that may have other work. */
const slow = { timeout: 120_000 };

/** exec with stdout and stderr on one pipe, as behind `2>&1 |`, to be read by whoever wants to. */
function execInto(...args: string[]) {
  const command = ["-c", '"$@" 2>&1', "sh", process.execPath, program, "exec", ...args];
  const child = spawn("sh", command, { stdio: ["ignore", "pipe", "inherit"] });
  return { child, stdout: child.stdout as Readable };
}

test("exec prints a large result whole, also where stderr is the same pipe and its reader is slow", slow, async () => {
  const { child, stdout } = execInto(plugin("hostile"), "--input", '{"do":"flood"}');
  let bytes = 0;
  stdout.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    stdout.pause();
    setImmediate(() => stdout.resume());
  });
  await once(child, "close");
  expect(bytes).toBe(2 * 64 * 1024 * 1024 + '{"success":true,"output":{},"error":null,"files":[]}\n'.length);
});

test("exec ends quietly when nobody reads its result", async () => {
  await using gate = new Gate();
  const { child, stdout } = execInto(plugin("hostile"), "--input", JSON.stringify(gate.input.input));
  await gate.reached();
  stdout.destroy();
  await gate.open();
  expect(await once(child, "exit")).toEqual([74, null]);
});

test.each(["SIGINT", "SIGTERM", "SIGKILL"] as const)("L4: %s ends exec and its worker", async (signal) => {
  await using gate = new Gate();
  const input = JSON.stringify(gate.input.input);
  const child = spawn(process.execPath, [program, "exec", plugin("hostile"), "--input", input], { stdio: "ignore" });
  await gate.reached();
  // What a program that was killed has left may still be being removed.
  await expect.poll(() => childrenOf(child.pid as number)).toHaveLength(1);
  const workers = childrenOf(child.pid as number);
  child.kill(signal);
  expect(await once(child, "exit")).toEqual([null, signal]);
  await gone(...workers);
});
