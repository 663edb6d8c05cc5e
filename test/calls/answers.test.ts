// M6: every request gets exactly one response, whatever becomes of it.

import { expect, test } from "vitest";
import { answered, begin, cancel, start, watchingHost } from "../support/calls.ts";
import { Gate } from "../support/gate.ts";
import type { Host } from "../support/host.ts";

async function kindOf(host: Host, id: number): Promise<string> {
  const { error } = await host.answer(id);
  return error?.data.kind ?? "result";
}

test("M6: a call that is cancelled, crashes, times out, is one too many, or is followed by the end of input", async () => {
  await using host = await watchingHost({ args: ["--max-pending", "3"] });
  await using gate = new Gate();
  const busy = await host.load("hostile");
  const crashing = await host.load("hostile");
  const cancelled = await host.load("hostile");
  const late = await host.load("hostile");

  const expected = new Map<number, string>();
  const expectKind = (kind: string, id: number) => expected.set(id, kind);
  expectKind("result", start(host, busy, "wait_at_gate", gate.input));
  await gate.reached();
  const queued = [1, 2, 3].map(() => start(host, busy, "count"));
  for (const [i, id] of queued.entries()) expectKind(i === 1 ? "REQUEST_CANCELLED" : "result", id);
  for (const _ of [1, 2]) expectKind("OVERLOADED", start(host, busy, "count"));
  expectKind("PLUGIN_CRASHED", start(host, crashing, "segv"));
  expectKind("result", start(host, crashing, "count"));
  const running = await begin(host, cancelled, "hang");
  expectKind("REQUEST_CANCELLED", running);
  expectKind("PLUGIN_TIMEOUT", start(host, late, "hang", { timeoutMs: 50 }));
  expectKind("INVALID_RESULT", start(host, late, "answer_null"));
  expectKind("UNKNOWN_HANDLE", start(host, "none", "count"));
  for (const id of [running, queued[1] as number]) cancel(host, id);
  expectKind("result", host.start("plugin/reload", { handle: busy }));
  expectKind("result", host.start("plugin/unload", { handle: crashing }));
  expectKind("result", start(host, busy, "count"));

  host.stdin.end();
  await gate.open();
  for (const [id, kind] of expected) expect([id, await kindOf(host, id)]).toEqual([id, kind]);
  expect(await host.closed()).toEqual({ status: 0, signal: null });
  const ids = answered(host).filter((id) => expected.has(id as number));
  expect(ids.toSorted()).toEqual([...expected.keys()].toSorted()); // each once
});

test("M6: calls that are still there when dlrpc has waited long enough get SHUTTING_DOWN", async () => {
  await using host = await watchingHost({ args: ["--drain-ms", "50"] });
  const handle = await host.load("hostile");
  const ids = [
    await begin(host, handle, "hang"),
    start(host, handle, "count"),
    host.start("plugin/reload", { handle }),
  ];
  expect(await host.finish()).toEqual({ status: 0, signal: null });
  for (const id of ids) expect(await kindOf(host, id)).toBe("SHUTTING_DOWN");
});

test("M6: a hundred calls that are cancelled as they start have one answer each", async () => {
  await using host = await watchingHost({ args: ["--concurrency", "4"] });
  const handle = await host.load("hostile-thread-safe");
  const ids = Array.from({ length: 100 }, () => {
    const id = start(host, handle, "count");
    cancel(host, id);
    return id;
  });
  for (const id of ids) {
    expect(["REQUEST_CANCELLED", "PLUGIN_CRASHED", "result"]).toContain(await kindOf(host, id));
  }
  expect((await host.finish()).status).toBe(0);
  expect(
    answered(host)
      .filter((id) => ids.includes(id as number))
      .toSorted(),
  ).toEqual(ids.toSorted());
});
