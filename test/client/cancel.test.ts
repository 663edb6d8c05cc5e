// Calls that are ended by their caller, or by their deadline.

import { PluginTimeoutError, RequestCancelledError } from "dlrpc/client";
import { expect, test } from "vitest";
import { Gate } from "../support/gate.ts";
import { plugin as pathOf } from "../support/paths.ts";
import { begin, failure, spawnHost } from "./support.ts";

test("E4: a signal ends a running call, and the plugin is back for the next", async () => {
  await using host = await spawnHost();
  const plugin = await host.load(pathOf("hostile"));
  const controller = new AbortController();
  const { result } = await begin(plugin, { do: "hang" }, { signal: controller.signal });
  controller.abort("no longer needed");
  const error = await failure(result, RequestCancelledError);
  expect(error).toMatchObject({ kind: "REQUEST_CANCELLED", code: -32800, cause: "no longer needed" });
  await expect(plugin.execute({ do: "count" })).resolves.toMatchObject({ output: { count: 1 } });
});

test("E4: a signal takes a waiting call out of the queue and leaves the running one alone", async () => {
  await using host = await spawnHost();
  await using gate = new Gate();
  const plugin = await host.load(pathOf("hostile"));
  const running = plugin.execute(gate.input.input);
  await gate.reached();
  const controller = new AbortController();
  const waiting = plugin.execute({ do: "count" }, { signal: controller.signal });
  controller.abort();
  await failure(waiting, RequestCancelledError);
  await gate.open();
  expect((await running).output).toMatchObject({ count: 1 });
  expect((await plugin.execute({ do: "count" })).output).toMatchObject({ count: 2 });
});

test("a signal that is aborted already sends nothing", async () => {
  await using host = await spawnHost();
  const plugin = await host.load({ name: "counter" });
  const reason = new Error("too late");
  const error = await failure(plugin.execute({}, { signal: AbortSignal.abort(reason) }), RequestCancelledError);
  expect(error.cause).toBe(reason);
  expect(await host.list()).toMatchObject([{ stats: { calls: 0 } }]);
});

test("a signal that is aborted after the answer does nothing", async () => {
  await using host = await spawnHost();
  const plugin = await host.load({ name: "counter" });
  const controller = new AbortController();
  const { output } = await plugin.execute<{ pid: number }>({}, { signal: controller.signal });
  controller.abort();
  expect((await plugin.execute()).output).toMatchObject({ count: 2, pid: output.pid });
});

test("E3: past its deadline a call is ended, by its own timeoutMs or the load's", async () => {
  await using host = await spawnHost();
  const plugin = await host.load(pathOf("hostile"));
  const error = await failure(plugin.execute({ do: "hang" }, { timeoutMs: 10 }), PluginTimeoutError);
  expect(error).toMatchObject({ kind: "PLUGIN_TIMEOUT", code: -32022, data: { handle: plugin.handle, timeoutMs: 10 } });
  const hasty = await host.load({ path: pathOf("hostile"), timeoutMs: 1000 });
  await failure(hasty.execute({ do: "hang" }), PluginTimeoutError);
});
