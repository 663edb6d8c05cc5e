// What a host tells unasked.

import { once } from "node:events";
import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { PluginCrashedError } from "dlrpc/client";
import { expect, test } from "vitest";
import { plugin as pathOf } from "../support/paths.ts";
import { TemporaryDirectory } from "../support/temporary-directory.ts";
import { begin, failure, spawnHost } from "./support.ts";

/** What is written bit by bit: `add` takes a bit, `until` waits for a text among all of them. */
function collector() {
  let text = "";
  let wake = () => {};
  return {
    add(more: string): void {
      text += more;
      wake();
    },
    async until(needed: string): Promise<void> {
      while (!text.includes(needed)) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

test("what a plugin prints is told, by stream", async () => {
  await using host = await spawnHost();
  const plugin = await host.load(pathOf("hostile"));
  const printed = { stdout: collector(), stderr: collector() };
  host.on("log", ({ handle, stream, text }) => {
    if (handle === plugin.handle && stream !== "log") printed[stream].add(text);
  });
  await plugin.execute({ do: "print" });
  await printed.stdout.until("printed to stdout\n");
  await printed.stderr.until("printed to stderr\n");
});

test("how a plugin's process ends is told", async () => {
  await using host = await spawnHost();
  const plugin = await host.load(pathOf("hostile"));
  const exited = once(host, "exited");
  await failure(plugin.execute({ do: "exit_7" }), PluginCrashedError);
  expect(await exited).toEqual([
    { handle: plugin.handle, signal: null, exitCode: 7, reason: "crash", willRestart: true },
  ]);
});

test("what was not asked for is not told", async () => {
  await using host = await spawnHost({ notifications: [] });
  const told: unknown[] = [];
  for (const event of ["log", "exited"] as const) host.on(event, (about: unknown) => told.push(about));
  const plugin = await host.load(pathOf("hostile"));
  const error = await failure(plugin.execute({ do: "segv" }), PluginCrashedError);
  expect(error.data.stderrTail).not.toBe(""); // there was something to tell
  await host.shutdown();
  expect(told).toEqual([]);
});

test("the end of dlrpc is told after all requests have been settled", async () => {
  await using host = await spawnHost();
  const plugin = await host.load(pathOf("hostile"));
  const told: string[] = [];
  const { result } = await begin(plugin, { do: "hang" });
  result.catch(() => told.push("the call's error"));
  host.on("exit", ({ signal }) => told.push(`exit by ${signal}`));
  const exit = once(host, "exit");
  await host.kill();
  await exit;
  expect(told).toEqual(["the call's error", "exit by SIGKILL"]);
});

test("what dlrpc's own process writes to stderr is told: here, that its audit log is gone", async () => {
  using directory = new TemporaryDirectory();
  const log = join(directory.path, "log");
  await using host = await spawnHost({ args: [`--audit-log=${log}`] });
  const written = collector();
  host.on("stderr", (text) => written.add(text));
  renameSync(log, `${log}.old`);
  mkdirSync(log);
  await host.load(pathOf("hostile"));
  await written.until("the audit log cannot be written");
});
