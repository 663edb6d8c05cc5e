// L3: what was received is answered, also when stdin ends right behind it.

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { start, startAtGate } from "../support/calls.ts";
import { Gate } from "../support/gate.ts";
import { gone } from "../support/gone.ts";
import { Host } from "../support/host.ts";
import { fixturesDirectory, plugin, program } from "../support/paths.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";
import { childrenOf } from "../support/processes.ts";
import { line, messagesOf, run } from "../support/run.ts";

const serve = ["serve", "--trust", fixturesDirectory];

test("L3: every request is answered before the end, whatever it does; the status is 0", async () => {
  await using host = new Host();
  const handle = await host.load("hostile");
  const leaving = await host.load("counter");
  const workers = childrenOf(host.child.pid as number);
  const ids = [
    host.start("plugin/discover"),
    host.start("plugin/validate", { path: plugin("counter") }),
    host.start("plugin/load", { path: plugin("echo") }),
    ...[1, 2, 3].map(() => start(host, handle, "count")),
    host.start("plugin/reload", { handle }),
    start(host, handle, "count"),
    host.start("plugin/unload", { handle: leaving }),
    host.start("plugin/list"),
  ];
  expect(await host.finish()).toEqual({ status: 0, signal: null });
  for (const id of ids) expect((await host.answer(id)).error).toBeUndefined();
  expect((await host.answer(ids[7] as number)).result.output.count).toBe(1); // behind the reload
  await gone(...workers);
});

test("L3: requests alone on stdin are answered, as from printf", async () => {
  const input = line(1, "plugin/validate", { path: plugin("echo") }) + line(2, "plugin/load", { path: plugin("echo") });
  const outcome = await run(serve, { input });
  expect(outcome.status).toBe(0);
  expect(outcome.stderr).toBe("");
  expect(messagesOf(outcome).sort((one, other) => one.id - other.id)).toMatchObject([
    { id: 1, result: { valid: true } },
    { id: 2, result: { path: plugin("echo") } },
  ]);
});

test("L3: the last line need not end", async () => {
  const outcome = await run(serve, { input: line(1, "plugin/list").trimEnd() });
  expect(outcome.status).toBe(0);
  expect(messagesOf(outcome)).toEqual([{ jsonrpc: "2.0", id: 1, result: { plugins: [] } }]);
});

test("L3: a batch that is still worked on is answered whole", async () => {
  const requests = ["plugin/list", "plugin/discover", "no/such/method"].map((method, id) => line(id, method));
  const outcome = await run(serve, { input: `[${requests.join(",").replaceAll("\n", "")}]` });
  const [batch, ...others] = messagesOf(outcome);
  expect(others).toEqual([]);
  expect(batch.map(({ id }: { id: number }) => id).sort()).toEqual([0, 1, 2]);
});

test("L3: messages with headers are answered with headers", async () => {
  const body = line(1, "plugin/list").trimEnd();
  const outcome = await run(serve, { input: `Content-Length: ${body.length}\r\n\r\n${body}` });
  const answer = '{"jsonrpc":"2.0","id":1,"result":{"plugins":[]}}';
  expect(outcome).toEqual({ status: 0, stdout: `Content-Length: ${answer.length}\r\n\r\n${answer}`, stderr: "" });
});

test("L3: nothing on stdin is no error", async () => {
  expect(await run(serve)).toEqual({ status: 0, stdout: "", stderr: "" });
});

test("L3: stdin and stdout may be files", () => {
  using files = new PluginDirectory();
  const [input, output] = [files.file("requests", line(1, "plugin/discover")), join(files.path, "answers")];
  writeFileSync(output, "");
  const descriptors = [openSync(input, "r"), openSync(output, "w")];
  execFileSync(process.execPath, [program, ...serve], { stdio: [...descriptors, "inherit"] });
  descriptors.map(closeSync);
  expect(JSON.parse(readFileSync(output, "utf8")).result.plugins.length).toBeGreaterThan(5);
});

test("L6: stdin that is a directory is refused", () => {
  const stdin = openSync(fixturesDirectory, "r");
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, "serve"], {
    stdio: [stdin, "pipe", "pipe"],
    encoding: "utf8",
  });
  closeSync(stdin);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(/^dlrpc: stdin is a directory; a pipe.* is needed\n$/);
});

test.each([
  ["a file", (files: PluginDirectory) => files.file("requests", line(1, "plugin/list"))],
  ["a device", () => "/dev/null"],
])("L6: stdin that is %s open for writing only is refused", (_, path) => {
  using files = new PluginDirectory();
  const stdin = openSync(path(files), "a");
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, "serve"], {
    stdio: [stdin, "pipe", "pipe"],
    encoding: "utf8",
  });
  closeSync(stdin);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(/^dlrpc: stdin is not open for reading; a pipe.* is needed\n$/);
});

test("L11: a connection that the host resets is an end like any other", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const host = connect({ port, host: "127.0.0.1" });
  const [socket] = (await once(server, "connection")) as [Socket];
  const child = spawn(process.execPath, [program, ...serve], { stdio: [socket, socket, "pipe"] });
  const exit = once(child, "exit");
  const said = text(child.stderr as Readable);
  socket.destroy(); // it is the program's now
  host.write(line(1, "plugin/load", { path: plugin("counter") }));
  await once(host, "data");
  const workers = childrenOf(child.pid as number);
  host.resetAndDestroy();
  expect(await exit).toEqual([0, null]);
  expect(await said).toBe("");
  await gone(...workers);
  server.close();
});

test("L3: a call that runs when stdin ends may finish", async () => {
  await using host = new Host();
  await using gate = new Gate();
  const handle = await host.load("hostile");
  const running = await startAtGate(host, handle, gate);
  host.stdin.end();
  await gate.open();
  expect(await host.closed()).toEqual({ status: 0, signal: null });
  expect((await host.answer(running)).result.success).toBe(true);
});

test("L3: what does not finish is ended after --drain-ms, with status 0", async () => {
  await using host = new Host({ args: ["--drain-ms=50"] });
  const handle = await host.load("hostile");
  const workers = childrenOf(host.child.pid as number);
  const ids = [
    start(host, handle, "hang_blocking_signals"),
    start(host, handle, "count"),
    host.start("plugin/unload", { handle }),
    host.start("plugin/load", { path: plugin("hangs-at-load") }),
  ];
  expect(await host.finish()).toEqual({ status: 0, signal: null });
  for (const id of ids) expect((await host.answer(id)).error?.data.kind).toBe("SHUTTING_DOWN");
  await gone(...workers);
});
