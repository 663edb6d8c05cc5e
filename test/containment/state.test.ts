// What a process has only once: that of dlrpc, and of other plugins, is out of a plugin's reach.

import { describe, expect, test } from "vitest";
import { call, watchingHost } from "../support/calls.ts";
import type { Host } from "../support/host.ts";
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
