// The single executable for Windows, from a directory whose name has spaces and letters that no code page has all of.

import assert from "node:assert/strict";
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { test } from "node:test";

const home = readdirSync("Z:\\work").find((name) => name.startsWith("with spaces")) ?? "";
const program = join("Z:\\work", home, "dlrpc.exe");
const hello = join("Z:\\work", home, "hello-world");

let places = 0;
/** A new directory for what belongs to a user. */
function newPlace(): string {
  const place = `Z:\\work\\place-${++places}`;
  mkdirSync(place);
  return place;
}

function start(args: readonly string[], options: SpawnOptions = {}): ChildProcess {
  const { env, ...others } = options;
  return spawn(program, args, { stdio: "pipe", ...others, env: { ...process.env, ...env } });
}

async function run(args: readonly string[], options: SpawnOptions & { input?: string } = {}) {
  const { input = "", ...others } = options;
  const child = start(args, others);
  child.stdin?.end(input);
  const [stdout, stderr, [status]] = await Promise.all([
    child.stdout === null ? "" : text(child.stdout),
    child.stderr === null ? "" : text(child.stderr),
    once(child, "exit"),
  ]);
  return { status, stdout, stderr };
}

test("it starts, and says which it is", async () => {
  const { status, stdout, stderr } = await run(["--version"]);
  assert.deepEqual([status, stderr], [0, ""]);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});

test("it says what it takes, and completes it in PowerShell", async () => {
  assert.match((await run(["help", "exec"])).stdout, /^usage: dlrpc exec /);
  assert.match((await run(["completions", "powershell"])).stdout, /^Register-ArgumentCompleter /m);
});

test("what Node would take from the environment it does not take", async () => {
  const env = { NODE_OPTIONS: "--no-such-option", NODE_DEBUG: "fs" };
  assert.deepEqual(await run(["--version"], { env }), await run(["--version"]));
});

test("its addon lies in the user's cache, once, and is put there again where it is another's", async () => {
  const place = newPlace();
  const env = { LOCALAPPDATA: place };
  const both = await Promise.all([run(["doctor", "--help"], { env }), run(["help"], { env })]);
  assert.deepEqual(
    both.map(({ status, stderr }) => [status, stderr]),
    [
      [0, ""],
      [0, ""],
    ],
  );
  const addons = join(place, "dlrpc", "addons");
  const [name = "", ...others] = readdirSync(addons);
  assert.match(name, /^koffi-[0-9a-f]+\.node$/);
  assert.deepEqual(others, []);

  const file = join(addons, name);
  const bytes = readFileSync(file);
  writeFileSync(file, "another's");
  assert.equal((await run(["help"], { env })).status, 0);
  assert.deepEqual(readdirSync(addons), [name]);
  assert.ok(readFileSync(file).equals(bytes));
});

test("without a place for the addon it says so, and how to name one", async () => {
  const place = join(newPlace(), "file");
  writeFileSync(place, "");
  const { status, stderr } = await run(["help"], { env: { LOCALAPPDATA: place } });
  assert.equal(status, 2);
  assert.match(stderr, /file\\dlrpc\\addons: E\w+.*\nSet LOCALAPPDATA to a directory/);
});

test("a plugin beside it is validated, listed and called", async () => {
  const validated = await run(["validate", hello]);
  assert.deepEqual([validated.status, validated.stderr], [0, ""]);
  const listed = await run(["list", "--trust", join("Z:\\work", home), "--json"]);
  assert.equal(JSON.parse(listed.stdout).plugins[0].metadata.name, "hello-world");
  const { status, stdout } = await run(["exec", hello, "--input", "-"], { input: '{"name":"Ada"}' });
  assert.deepEqual([status, JSON.parse(stdout).output.message], [0, "Hello, Ada!"]);
});

test("a plugin is installed for this user, replaced, listed and removed", async () => {
  const env = { HOME: newPlace(), LOCALAPPDATA: newPlace() };
  const installed = join(env.HOME, ".vtcode", "plugins", "hello-world");
  const installing = await run(["install", hello], { env });
  assert.deepEqual([installing.status, installing.stderr], [0, ""]);
  assert.deepEqual(readdirSync(installed).sort(), ["hello-world.dll", "plugin.json"]);
  assert.equal((await run(["install", hello, "--force"], { env })).status, 0);
  assert.match((await run(["list"], { env })).stdout, /^hello-world +1\.0\.0 +valid/m);
  assert.equal((await run(["remove", "hello-world"], { env })).status, 0);
  assert.deepEqual(readdirSync(join(env.HOME, ".vtcode", "plugins")), []);
});

test("a package with names that Windows takes for something else is not installed", async () => {
  const env = { HOME: newPlace(), LOCALAPPDATA: newPlace() };
  const { status, stderr } = await run(["install", "Z:\\work\\strange.tar.gz"], { env });
  assert.equal(status, 2);
  assert.match(
    stderr,
    /holds `hello\/aux\.txt`, which cannot be made on this system: aux\.txt is the name of a device/,
  );
});

test("it serves a host by pipes, and ends with the end of stdin", async () => {
  const child = start(["serve", "--trust", join("Z:\\work", home)]);
  const lines = createInterface({ input: child.stdout as Readable })[Symbol.asyncIterator]();
  let id = 0;
  const ask = async (method: string, params: object) => {
    child.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", id: ++id, method, params })}\n`);
    return JSON.parse(String((await lines.next()).value));
  };
  const { handle } = (await ask("plugin/load", { path: hello })).result;
  const { result } = await ask("plugin/execute", { handle, input: { name: "Ada" } });
  assert.equal(result.output.message, "Hello, Ada!");
  child.stdin?.end();
  const end = await Promise.all([text(child.stderr as Readable), once(child, "exit")]);
  assert.deepEqual(end, ["", [0, null]]);
});

test("a password is asked for on a console only: without one the error says what else there is", async () => {
  const { status, stderr } = await run(["keygen", "--key", join(newPlace(), "a.key")], { detached: true });
  assert.equal(status, 2);
  assert.match(stderr, /there is no terminal; use --password-file FILE or DLRPC_KEY_PASSWORD/);
});
