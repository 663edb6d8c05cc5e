// L1 to L4 in orders that nobody plans: things that come while others are under way.

import { describe, expect, test } from "vitest";
import { answered, begin, start, startAtGate, watchingHost } from "../support/calls.ts";
import { Gate } from "../support/gate.ts";
import { Host } from "../support/host.ts";
import { framed, inShort, probe, replies } from "../support/raw-host.ts";
import { line, messagesOf, run } from "../support/run.ts";

const kinds = (messages: ReturnType<typeof messagesOf>) => messages.map(({ error }) => error?.data.kind ?? "result");

test("L1: of two initializes that are sent at once the first counts", async () => {
  const input = line(1, "initialize", {}) + line(2, "initialize", {}) + line(3, "plugin/list");
  const said = messagesOf(await run(["serve"], { input })).toSorted((one, other) => one.id - other.id);
  expect(kinds(said)).toEqual(["result", "INVALID_REQUEST", "result"]);
});

test("L1, M2: in a batch, too, initialize comes first and once", async () => {
  const batch = (...lines: string[]) => `[${lines.map((text) => text.trim()).join()}]\n`;
  const [first] = messagesOf(
    await run(["serve"], {
      input: batch(line(1, "initialize", {}), line(2, "initialize", {}), line(3, "plugin/list")),
    }),
  );
  const byId = new Map(first.map((message: { id: number }) => [message.id, message]));
  expect(kinds([1, 2, 3].map((id) => byId.get(id)))).toEqual(["result", "INVALID_REQUEST", "result"]);
  const [late] = messagesOf(await run(["serve"], { input: batch(line(1, "plugin/list"), line(2, "initialize", {})) }));
  expect(kinds(late.toSorted((one: { id: number }, other: { id: number }) => one.id - other.id))).toEqual([
    "result",
    "INVALID_REQUEST",
  ]);
});

test("L1: what is no request, and notifications, do not come before initialize", async () => {
  const notification = '{"jsonrpc":"2.0","method":"initialize","params":{}}\n';
  const said = messagesOf(await run(["serve"], { input: `{}\n${notification}${line(2, "initialize", {})}` }));
  expect(kinds(said)).toEqual(["INVALID_REQUEST", "result"]);
});

test("L1: an initialize that comes late says when it should come", async () => {
  await using host = new Host();
  await host.result("plugin/list");
  expect((await host.error("initialize")).data.hint).toMatch(/initialize.*first/);
});

test("L2: exit and shutdown are what they are: exit is no request, shutdown no notification", async () => {
  await using host = new Host();
  host.notify("shutdown");
  expect((await host.error("exit")).data.kind).toBe("METHOD_NOT_FOUND");
  expect(await host.result("plugin/list")).toEqual({ plugins: [] });
});

test("L2: a second shutdown is refused while the first waits", async () => {
  await using host = new Host();
  await using gate = new Gate();
  const handle = await host.load("hostile");
  const running = await startAtGate(host, handle, gate);
  const first = host.start("shutdown");
  expect((await host.error("shutdown")).data.kind).toBe("SHUTTING_DOWN");
  await gate.open();
  expect((await host.answer(running)).result.success).toBe(true);
  expect((await host.answer(first)).result).toEqual({});
});

test("L2, L3: the end of stdin while shutdown waits: the call, then shutdown are answered", async () => {
  await using host = new Host();
  await using gate = new Gate();
  const handle = await host.load("hostile");
  const running = await startAtGate(host, handle, gate);
  const shutdown = host.start("shutdown");
  host.stdin.end();
  await gate.open();
  expect(await host.closed()).toEqual({ status: 0, signal: null });
  expect(answered(host).slice(-2)).toEqual([running, shutdown]);
});

test.each(["SIGTERM", "exit"])("L2, L4: shutdown that waits is answered after a %s, too", async (what) => {
  await using host = new Host();
  await using gate = new Gate();
  const handle = await host.load("hostile");
  await startAtGate(host, handle, gate);
  const shutdown = host.start("shutdown");
  await host.error("plugin/list"); // it has arrived
  if (what === "exit") host.notify("exit");
  else host.child.kill("SIGTERM");
  await gate.open();
  expect(await host.closed()).toEqual({ status: 0, signal: null });
  expect((await host.answer(shutdown)).result).toEqual({});
});

describe("L3: stdin may end at every byte: what is whole is answered, the rest is an error, and the status is 0", () => {
  const one = probe(1);
  test.each([
    ["lines", `${one}\n`, one.length, "PARSE_ERROR"],
    ["headers", framed(one).toString(), framed(one).length, "BAD_FRAME"],
  ] as const)("%s", { timeout: 240_000 }, async (framing, message, whole, error) => {
    const endAt = async (length: number) => {
      const args = [`--framing=${framing}`];
      const said = inShort(await replies(message + message.slice(0, length), { framing, args }));
      const rest = length === 0 ? [] : [length >= whole ? "1" : error];
      expect([length, said]).toEqual([length, ["1", ...rest]]);
    };
    for (let at = 0; at <= message.length; at += 4) {
      await Promise.all([at, at + 1, at + 2, at + 3].map(endAt));
    }
  });
});

test("L4: signals after the end of stdin: the second ends at once", async () => {
  await using host = await watchingHost({ args: ["--drain-ms=2147483647"] });
  const handle = await host.load("hostile");
  await begin(host, handle, "hang");
  const behind = host.start("plugin/list");
  host.stdin.end();
  await host.answer(behind);
  host.child.kill("SIGTERM");
  host.child.kill("SIGINT");
  expect((await host.exit()).signal).toBeNull();
  expect([130, 143]).toContain((await host.exit()).status);
});

test("L4: a signal after shutdown ends with status 0", async () => {
  await using host = new Host();
  await host.result("shutdown");
  host.child.kill("SIGTERM");
  expect(await host.closed()).toEqual({ status: 0, signal: null });
});

test("L2: what the end of dlrpc cuts off says which plugin it was", async () => {
  await using host = new Host({ args: ["--drain-ms=50"] });
  const handle = await host.load("hostile");
  const ids = [start(host, handle, "hang"), start(host, handle, "count"), host.start("plugin/reload", { handle })];
  await host.finish();
  for (const id of ids) {
    const { data } = (await host.answer(id)).error ?? {};
    expect(data).toMatchObject({ kind: "SHUTTING_DOWN", handle, plugin: "hostile", path: expect.any(String) });
  }
});
