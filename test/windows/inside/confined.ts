// dlrpc itself, with plugins that it confines: what it says of the layers, and of how they end.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { manifestText } from "../../../fixtures/manifest.ts";
import { pluginPath } from "./windows-worker.ts";

const program = "Z:\\dlrpc\\dist\\dlrpc.portable.cjs";
/** Where koffi's addon for Windows is, which the project has not installed. */
const NODE_PATH = "Z:\\work\\node_modules";

type Answer = {
  id: number;
  result?: Record<string, unknown> & { sandbox?: { layers: string[] } };
  error?: { message: string; data: Record<string, unknown> };
};

class Server implements AsyncDisposable {
  private readonly trusted = mkdtempSync(join(tmpdir(), "größe 名前 "));
  private readonly child = spawn(process.execPath, [program, "serve", "--trust", this.trusted], {
    env: { ...process.env, NODE_PATH },
    stdio: ["pipe", "pipe", "inherit"],
  });
  private readonly lines = createInterface(this.child.stdout)[Symbol.asyncIterator]();
  private lastId = 0;

  async ask(method: string, params: object): Promise<Answer> {
    const id = ++this.lastId;
    this.child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
    for (;;) {
      const { value, done } = await this.lines.next();
      if (done === true) throw new Error("the server has ended");
      const answer: Answer = JSON.parse(value);
      if (answer.id === id) return answer;
    }
  }

  load(sandbox: object): Promise<Answer> {
    const path = join(this.trusted, "actor");
    mkdirSync(path, { recursive: true });
    copyFileSync(pluginPath("by-ucrt"), join(path, "actor.dll"));
    writeFileSync(join(path, "plugin.json"), manifestText({ name: "actor" }));
    return this.ask("plugin/load", { path, sandbox });
  }

  /** A call of what is loaded like that. */
  async call(sandbox: object, what: string): Promise<Answer> {
    const { result } = await this.load(sandbox);
    return this.ask("plugin/execute", { handle: result?.handle, input: { do: what } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.child, "exit");
    this.child.stdin.end();
    await ended;
    this.child.stdout.destroy();
    rmSync(this.trusted, { recursive: true });
  }
}

test("E22: a crash has a status and the exception's name, and no signal", async () => {
  await using server = new Server();
  const { error } = await server.call({ profile: "none" }, "access");
  assert.match(error?.message ?? "", /exception ACCESS_VIOLATION at address 0x10, in actor\.dll\+0x[0-9a-f]+$/);
  const { signal, exitCode, exception, address, backtrace } = error?.data ?? {};
  const [{ library = "", offset = 0 } = {}, ...callers] = backtrace as { library?: string; offset?: number }[];
  assert.match(library, /\\actor\\actor\.dll$/);
  assert.ok(offset > 0x1000 && offset < 0x10000, `offset ${offset}`);
  assert.deepEqual([address, callers], ["0x10", []]);
  assert.deepEqual(
    { signal, exitCode, exception },
    { signal: null, exitCode: 0xc0000005, exception: "ACCESS_VIOLATION" },
  );
});

test("E22: a status that is no exception's has no name", async () => {
  await using server = new Server();
  const { data } = (await server.call({ profile: "none" }, "exit")).error ?? {};
  assert.deepEqual([data?.signal, data?.exitCode, data && "exception" in data], [null, 7, false]);
});

test("S30: the layers that a plugin is under are said, and what is not enforced", async () => {
  await using server = new Server();
  const { result } = await server.load({ profile: "strict" });
  const { layers = [] } = result?.sandbox ?? {};
  // Wine does not let a directory be labelled.
  assert.deepEqual(
    layers.filter((layer) => layer !== "low-integrity"),
    ["job", "job-ui", "mitigations"],
  );
  assert.match(JSON.stringify(result?.warnings), /SANDBOX_NOT_ENFORCED.*app-container.*what is read and the network/);
});

test("S30, S21: what a plugin is refused is not explained", async () => {
  await using server = new Server();
  const { error } = await server.load({ explain: true });
  assert.equal(error?.data.kind, "SANDBOX_UNAVAILABLE");
});
