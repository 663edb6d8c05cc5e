// What a host's plugins are, and what it tells, once dlrpc was started again.

import { execFile } from "node:child_process";
import { cpSync, renameSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { UnknownHandleError } from "dlrpc/client";
import { expect, test } from "vitest";
import { fixturesDirectory, plugin as pathOf, projectRoot } from "../support/paths.ts";
import { TemporaryDirectory } from "../support/temporary-directory.ts";
import { cleanEnvironment, failure, killed, spawnOften } from "./support.ts";

test("one that was unloaded is no other plugin, though that has its handle now", async () => {
  await using host = await spawnOften();
  const unloaded = await host.load({ name: "counter" });
  const counter = await host.load({ name: "counter" });
  await unloaded.unload();
  await killed(host);
  expect(counter.handle).toBe(unloaded.handle);
  for (const request of [unloaded.execute(), unloaded.reload(), unloaded.unload({ force: true })]) {
    await failure(request, UnknownHandleError);
  }
  expect((await counter.execute()).output).toMatchObject({ count: 1 });
});

test("one that is reloaded twice at once when it may come back is loaded once", async () => {
  using directory = new TemporaryDirectory();
  const path = join(directory.path, "counter");
  cpSync(pathOf("counter"), path, { recursive: true });
  await using host = await spawnOften({ trust: [directory.path] });
  const plugin = await host.load(path);
  renameSync(path, `${path}.away`);
  await killed(host);
  renameSync(`${path}.away`, path);
  await Promise.all([plugin.reload(), plugin.reload()]);
  expect(await host.list()).toHaveLength(1);
  await plugin.unload();
  expect(await host.list()).toEqual([]);
});

test("what a listener throws is an uncaught exception, and dlrpc comes back", async () => {
  const program = `
    import { once } from "node:events";
    import { spawnDlrpc } from "dlrpc/client";
    const caught = [];
    process.on("uncaughtException", ({ message }, origin) => caught.push(message, origin));
    const host = await spawnDlrpc({ trust: [${JSON.stringify(fixturesDirectory)}], restart: { backoffMs: 1 } });
    const restarting = once(host, "restarting");
    for (const name of ["restarting", "restarted"]) host.on(name, () => { throw new Error(name); });
    const plugin = await host.load({ name: "counter" });
    process.kill(host.pid, "SIGKILL");
    await restarting;
    await plugin.execute();
    await host.shutdown();
    console.log(caught.join());
  `;
  const args = ["--input-type=module", "--eval", program];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: cleanEnvironment,
    cwd: projectRoot,
    timeout: 30_000,
  });
  expect(stdout).toBe("restarting,uncaughtException,restarted,uncaughtException\n");
});
