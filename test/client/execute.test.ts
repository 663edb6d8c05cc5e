// Calls through the client.

import { MessageTooLargeError } from "dlrpc/client";
import { expect, test } from "vitest";
import { plugin as pathOf } from "../support/paths.ts";
import { failure, spawnHost } from "./support.ts";

test("a call has the input, config and workspace that it was given", async () => {
  await using host = await spawnHost({ workspaceRoot: "/workspace" });
  const plugin = await host.load({ name: "echo", config: { from: "load" } });
  const context = async (...args: Parameters<typeof plugin.execute>) => (await plugin.execute(...args)).output.context;
  expect(await context()).toEqual({ input: {}, workspace_root: "/workspace", config: { from: "load" } });
  expect(await context({ text: "größer", nested: [1, { a: null }] }, { workspaceRoot: null, config: {} })).toEqual({
    input: { text: "größer", nested: [1, { a: null }] },
    workspace_root: null,
    config: {},
  });
});

test("success:false is a result, not an error", async () => {
  await using host = await spawnHost();
  const plugin = await host.load(pathOf("hostile"));
  expect(await plugin.execute({ do: "answer_failure" })).toEqual({
    success: false,
    output: {},
    error: "no luck",
    files: [],
  });
});

test("calls that are not awaited run in the order in which they were made", async () => {
  await using host = await spawnHost();
  const plugin = await host.load({ name: "counter" });
  const results = await Promise.all(
    Array.from({ length: 100 }, () => plugin.execute<{ count: number; pid: number }>()),
  );
  expect(results.map(({ output }) => output.count)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
});

test("messages of megabytes pass in both directions", async () => {
  await using host = await spawnHost();
  const plugin = await host.load({ name: "echo" });
  const text = "0123456789abcdef€".repeat(300_000);
  const { output } = await plugin.execute({ text });
  expect(output.context).toMatchObject({ input: { text } });
});

test("a call is told of its progress, in order and before its result", async () => {
  await using host = await spawnHost();
  const plugin = await host.load({ name: "echo" });
  const told: unknown[] = [];
  await plugin.execute({}, { onProgress: (progress) => told.push(progress) });
  expect(told).toEqual([{ kind: "begin" }, { kind: "end" }]);
  await plugin.execute(); // not told of others
  expect(told).toHaveLength(2);
});

test("progress that was not asked for at the start cannot be had later", async () => {
  await using host = await spawnHost({ notifications: ["log"] });
  const plugin = await host.load({ name: "echo" });
  await expect(plugin.execute({}, { onProgress() {} })).rejects.toThrow(TypeError);
  await expect(plugin.execute()).resolves.toMatchObject({ success: true });
});

test("what is no JSON is refused where it is made, and the connection goes on", async () => {
  await using host = await spawnHost();
  const plugin = await host.load({ name: "echo" });
  await expect(plugin.execute({ big: 1n })).rejects.toThrow(TypeError);
  await expect(plugin.execute()).resolves.toMatchObject({ success: true });
});

test("a message longer than dlrpc takes is not sent, and the connection goes on", async () => {
  await using host = await spawnHost({ args: ["--max-message-bytes=2000"] });
  const plugin = await host.load({ name: "echo" });
  const error = await failure(plugin.execute({ text: "x".repeat(2000) }), MessageTooLargeError);
  expect(error.message).toContain("2000");
  expect(error.hint).toContain("--max-message-bytes");
  await expect(plugin.execute({ text: "x".repeat(100) })).resolves.toMatchObject({ success: true });
});

test("numbers beyond 2^53 are what JSON.parse makes of them", async () => {
  await using host = await spawnHost();
  const plugin = await host.load(pathOf("hostile"));
  const { output } = await plugin.execute({ do: "answer_numbers" });
  expect(output).toMatchObject({ big: 12345678901234567000, k: 2 });
});
