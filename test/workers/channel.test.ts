// What a plugin can do to the process that it runs in, and to what dlrpc and that process say to each other.

import { describe, expect, test } from "vitest";
import { call, exited, listed, start, startAtGate, watchingHost } from "../support/calls.ts";
import { Gate } from "../support/gate.ts";
import { Host } from "../support/host.ts";

describe("E5: a plugin that breaks the channel to dlrpc harms its own call only", () => {
  test.each(["write_channel", "close_channel", "close_channel_and_answer"])("%s", async (what) => {
    await using host = await watchingHost();
    await using gate = new Gate();
    const handle = await host.load("hostile");
    const other = await host.load("hostile");
    const running = await startAtGate(host, other, gate);
    const doomed = start(host, handle, what);
    const behind = [1, 2].map(() => start(host, handle, "count"));
    expect((await host.answer(doomed)).error?.data).toMatchObject({ kind: "PLUGIN_CRASHED", handle, reason: "crash" });
    expect(await exited(host, handle)).toMatchObject({ reason: "crash" });
    const counts = await Promise.all(behind.map(async (id) => (await host.answer(id)).result.output.count));
    expect(counts).toEqual([1, 2]);

    await gate.open();
    expect((await host.answer(running)).result.output.count).toBe(1);
    expect((await listed(host, other)).stats.crashes).toBe(0);
  });

  test("what it wrote there is named", async () => {
    await using host = new Host();
    const { error } = await call(host, await host.load("hostile"), "write_channel");
    expect(error?.message).toMatch(/it wrote to the channel that only dlrpc uses \(a frame of \d+ bytes/);
  });

  test("on a further thread, while the others wait for calls", async () => {
    await using host = await watchingHost({ args: ["--concurrency", "3"] });
    const handle = await host.load("hostile-thread-safe");
    const gates = [new Gate(), new Gate(), new Gate()] as const;
    const ids: number[] = [];
    for (const gate of gates) {
      ids.push(start(host, handle, "wait_at_gate", gate.input)); // each takes a thread of its own
      await gate.reached();
    }
    for (const free of [1, 2] as const) {
      await gates[free].open();
      await host.answer(ids[free] as number);
    }
    const doomed = start(host, handle, "", { input: { ...gates[1].input.input, do: "wait_and_close_channel" } });
    await gates[1].reached();
    await gates[1].open();
    for (const id of [doomed, ids[0] as number]) {
      expect((await host.answer(id)).error?.data).toMatchObject({ kind: "PLUGIN_CRASHED", reason: "crash" });
    }
    expect((await call(host, handle, "count")).result.output.count).toBe(1);
    for (const gate of gates) await gate[Symbol.asyncDispose]();
  });
});

test("what a plugin prints is no part of the protocol, however much it looks like it", async () => {
  await using host = new Host();
  const handle = await host.load("hostile");
  expect((await call(host, handle, "print_protocol")).result.success).toBe(true);
  expect((await call(host, handle, "count")).result.output.count).toBe(2);
  expect(host.messages.map(({ id }) => id)).toEqual([1, 2, 3]);
});

describe("a flood of output is drained to its end, and the call is answered", () => {
  test.each(["hostile", "hostile-thread-safe"])("%s", async (name) => {
    await using host = new Host();
    const handle = await host.load(name);
    for (let i = 0; i < 2; i++) expect((await call(host, handle, "flood")).result.success).toBe(true);
    expect((await call(host, handle, "count")).result.output.count).toBe(3);
  });
});

test("a plugin's stdin is empty", async () => {
  await using host = new Host();
  const handle = await host.load("hostile");
  expect((await call(host, handle, "read_stdin")).result.output.read).toBe(0);
});

describe("P6: a plugin", () => {
  test("may use 8 MiB of stack, all but a little", async () => {
    await using host = new Host();
    const handle = await host.load("hostile");
    expect((await call(host, handle, "deep_recursion")).result.success).toBe(true);
  });

  test("may use as much on each thread", async () => {
    await using host = new Host({ args: ["--concurrency", "4"] });
    const handle = await host.load("hostile-thread-safe");
    const ids = Array.from({ length: 16 }, () => start(host, handle, "deep_recursion"));
    for (const id of ids) expect((await host.answer(id)).result.success).toBe(true);
  });

  test("may use as much where whoever started dlrpc has a lower limit", async () => {
    await using host = new Host({ through: ["sh", "-c", 'ulimit -S -s 1024; exec "$@"', "sh"] });
    const handle = await host.load("hostile");
    expect((await call(host, handle, "deep_recursion")).result.success).toBe(true);
  });
});
