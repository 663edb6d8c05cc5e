// What a process has only once: that of dlrpc, and of other plugins, is out of a plugin's reach.

import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { call, watchingHost } from "../support/calls.ts";
import { Host } from "../support/host.ts";
import { fixturesDirectory } from "../support/paths.ts";
import { corpus } from "./corpus.ts";

const unconfined = { sandbox: { profile: "none" } };
const changes = (corpus.state ?? []).map(({ does }) => does).filter((does) => does !== "read_stdin");
/** Of these even the account of the state takes something that they take away. */
const speechless = ["limit_memory"];

/** What a plugin's process says of itself. */
const stateOf = async (host: Host, handle: string) => (await call(host, handle, "state")).result.output;

describe("a change stays with the process of the plugin that made it", () => {
  test.each(changes)("%s", async (change) => {
    await using host = await watchingHost();
    const other = await host.load("hostile", unconfined);
    const before = await stateOf(host, other);
    const handle = await host.load("hostile", unconfined);
    expect(await stateOf(host, handle)).toEqual(before);
    expect((await call(host, handle, change)).result.success).toBe(true);
    if (!speechless.includes(change)) await stateOf(host, handle);

    expect(await stateOf(host, other)).toEqual(before);
    const later = await host.load("hostile", unconfined); // as dlrpc is, so are its children
    expect(await stateOf(host, later)).toEqual(before);
    await call(host, handle, "exit_0");
    expect(await stateOf(host, handle)).toEqual(before); // and what takes its place begins anew
    expect(await host.finish()).toEqual({ status: 0, signal: null });
  });
});

/** What of dlrpc's own state holds whatever an inline plugin does, seen by what dlrpc does next. */
describe("E10: inside dlrpc a plugin reaches its state; what holds all the same", () => {
  const inline = { isolation: "inline" };

  test("paths are relative to the directory that dlrpc was started in", async () => {
    await using host = new Host({ cwd: fixturesDirectory });
    await call(host, await host.load("hostile", inline), "change_directory");
    const { path } = await host.result("plugin/load", { path: "./hostile" });
    expect(path).toBe(join(fixturesDirectory, "hostile"));
  });

  test.each(["change_environment", "clear_environment"])(
    "workers get the environment that dlrpc was started with: %s",
    async (change) => {
      await using host = new Host({ env: { HOME: "/nonexistent" } });
      await call(host, await host.load("hostile", inline), change);
      const handle = await host.load("hostile", unconfined);
      await call(host, handle, "exit_0"); // the spare may be older than the change
      await call(host, handle, "exit_0");
      expect((await stateOf(host, handle)).home).toBe("/nonexistent");
    },
  );

  test.each(["round_towards_zero", "flush_to_zero", "trap_floating_point"])(
    "arithmetic is as it was: %s",
    async (change) => {
      await using host = new Host();
      const handle = await host.load("hostile", inline);
      const { rounding, tiny } = await stateOf(host, handle);
      await call(host, handle, change);
      expect(await stateOf(host, handle)).toMatchObject({ rounding, tiny });
      expect((await call(host, await host.load("hostile"), "count")).result.success).toBe(true);
    },
  );

  test.each(["close_standard", "replace_standard", "print_reopened"])(
    "the protocol's streams are others than 0, 1 and 2: %s",
    async (change) => {
      await using host = await watchingHost();
      const handle = await host.load("hostile", inline);
      expect((await call(host, handle, change)).result.success).toBe(true);
      expect((await call(host, await host.load("hostile"), "count")).result.output.count).toBe(1);
      expect(await host.finish()).toEqual({ status: 0, signal: null });
    },
  );
});
