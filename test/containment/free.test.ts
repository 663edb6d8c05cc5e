// A5: a string is freed when its copy has left. A free that does not return harms the call behind it, and no answer.

import { beforeEach, expect, test } from "vitest";
import { call, cancel, exited, listed, start, watchingHost } from "../support/calls.ts";
import type { Host } from "../support/host.ts";

let host: Host;
let handle: string;

beforeEach(async () => {
  host = await watchingHost();
  handle = await host.load("hostile-frees");
  return () => host[Symbol.asyncDispose]();
});

const hangInFree = async () => {
  const input = { do: "count", in_free: "hang" };
  expect((await host.request("plugin/execute", { handle, input })).result.output.count).toBe(1);
};

test("E3: the call behind a free that hangs has its deadline, and the next one a fresh process", async () => {
  await hangInFree();
  const [late, next] = [start(host, handle, "count", { timeoutMs: 60 }), start(host, handle, "count")];
  expect((await host.answer(late)).error?.data).toMatchObject({ kind: "PLUGIN_TIMEOUT", timeoutMs: 60 });
  expect((await host.answer(next)).result.output.count).toBe(1);
  expect(await exited(host, handle)).toMatchObject({ signal: "SIGKILL", reason: "timeout", willRestart: true });
});

test("E4: the call behind a free that hangs can be cancelled", async () => {
  await hangInFree();
  const [waiting, next] = [start(host, handle, "count"), start(host, handle, "count")];
  cancel(host, waiting);
  expect((await host.answer(waiting)).error?.data.kind).toBe("REQUEST_CANCELLED");
  cancel(host, next);
  expect((await host.answer(next)).error?.data.kind).toBe("REQUEST_CANCELLED");
  expect((await call(host, handle, "count", { timeoutMs: 10_000 })).result.output.count).toBe(1);
});

test("a plugin whose free hangs can be unloaded", async () => {
  await hangInFree();
  await host.result("plugin/unload", { handle });
  expect(await exited(host, handle)).toMatchObject({ signal: "SIGKILL", reason: "unload", willRestart: false });
});

test("E5: a free that crashes takes no answer back; the call behind it may have begun, and those behind that go on", async () => {
  const input = { do: "count", in_free: "segv" };
  const ids = [
    host.start("plugin/execute", { handle, input }),
    start(host, handle, "count"),
    start(host, handle, "count"),
  ];
  const [first, second, third] = await Promise.all(ids.map((id) => host.answer(id)));
  expect(first?.result.output.count).toBe(1);
  expect(second?.error?.data).toMatchObject({ kind: "PLUGIN_CRASHED", sideEffectsUnknown: true });
  expect(third?.result.output.count).toBe(1);
  expect(await exited(host, handle)).toMatchObject({ signal: "SIGSEGV", reason: "crash" });
  expect((await listed(host, handle)).stats).toMatchObject({ crashes: 1, restarts: 1 });
});
