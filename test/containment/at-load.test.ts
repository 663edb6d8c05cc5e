// P3, P5, E5: whatever a plugin does while it is loaded, asked about itself, reloaded or unloaded.

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { libraryName } from "../../fixtures/plugins.ts";
import { FrameKind } from "../../src/worker/frames.ts";
import { Bystander } from "../support/bystander.ts";
import { call, exited, listed, start, watchingHost } from "../support/calls.ts";
import { forged } from "../support/forged-frames.ts";
import type { Host, Message } from "../support/host.ts";
import { plugin } from "../support/paths.ts";
import { libraryOf, PluginDirectory } from "../support/plugin-directory.ts";
import { loadFailures } from "./corpus.ts";

const unconfined = { sandbox: { profile: "none" } };

/** What a crash is told with (E5), whatever the process was doing. */
const crashed = {
  operation: "load",
  library: expect.stringContaining("libhostile.so"),
  integrity: expect.stringMatching(/^sha256-/),
  uptimeMs: expect.any(Number),
  callsServed: 0,
  sideEffectsUnknown: true,
};

describe("a load", () => {
  let bystander: Bystander;
  let host: Host;

  beforeAll(async () => {
    bystander = await Bystander.stand(unconfined);
    host = bystander.host;
  });
  afterEach(() => bystander.expectUndisturbed());
  afterAll(() => bystander.leave());

  test.each(loadFailures)("that fails: $name", async ({ name, timeoutMs, data }) => {
    const params = { path: plugin(name), ...unconfined, ...(timeoutMs !== undefined && { timeoutMs }) };
    const { error, text } = await host.request("plugin/load", params);
    const known = { plugin: "hostile", path: plugin(name), ...(data.kind === "PLUGIN_CRASHED" && crashed) };
    expect(error?.data).toMatchObject({ ...known, ...data });
    expect(text.length).toBeLessThan(20_000);
    await bystander.expectNothingLeft();
  });

  test.each(loadFailures)("in the place of good code: $name", async ({ name, timeoutMs, data }) => {
    using directory = new PluginDirectory();
    const path = directory.add("hostile", { library: "hostile", manifest: { name: "hostile" } });
    await using host = await watchingHost({ trust: [directory.path] });
    const handle = (await host.result("plugin/load", { path, ...unconfined, timeoutMs })).handle;
    const { pid } = (await call(host, handle, "count")).result.output;
    directory.library(`hostile/${libraryName("hostile")}`, libraryOf(name));
    const reload = host.start("plugin/reload", { handle });
    const behind = start(host, handle, "count");
    const { error } = await host.answer(reload);
    expect(error?.data).toMatchObject({ handle, ...(data.kind === "PLUGIN_CRASHED" && crashed), ...data });
    expect((await host.answer(behind)).result.output).toEqual({ count: 2, pid });
    expect((await listed(host, handle)).stats).toMatchObject({ crashes: 0, restarts: 0 });
  });

  test("whose metadata are freed by a crash is done, and started again until it is in quarantine", async () => {
    const handle = await host.load("free-crashes", unconfined);
    for (const nth of [1, 2, 3]) expect(await exited(host, handle, nth)).toMatchObject({ signal: "SIGSEGV" });
    expect((await call(host, handle, "count")).error?.data.kind).toBe("PLUGIN_QUARANTINED");
    await host.result("plugin/unload", { handle });
    await bystander.expectNothingLeft();
  });

  test("whose metadata are never freed is done, and the deadline of the next call ends it", async () => {
    const handle = await host.load("free-hangs", { ...unconfined, timeoutMs: 500 });
    expect((await call(host, handle, "count")).error?.data.kind).toBe("PLUGIN_TIMEOUT");
    await host.result("plugin/unload", { handle, force: true });
    await bystander.expectNothingLeft();
  });

  test("that floods is drained", async () => {
    const handle = await host.load("metadata-floods", unconfined);
    expect((await call(host, handle, "count")).result.output.count).toBe(1);
    await host.result("plugin/unload", { handle });
    await bystander.expectNothingLeft();
  });

  test.each([
    ["destructor-crashes", "SIGSEGV"],
    ["destructor-hangs", "SIGKILL"],
  ])("that is undone: %s", async (name, signal) => {
    const handle = await host.load(name, unconfined);
    await call(host, handle, "count");
    expect(await host.result("plugin/unload", { handle })).toEqual({});
    expect(await exited(host, handle)).toMatchObject({ signal, reason: "unload", willRestart: false });
    await bystander.expectNothingLeft();
  });
});

describe("a load whose answer the plugin forges", () => {
  const load = async (bytes: Buffer): Promise<{ host: Host; message: Message }> => {
    const host = await watchingHost({ env: { LC_HOSTILE_BYTES: bytes.toString("hex") } });
    return {
      host,
      message: await host.request("plugin/load", { path: plugin("constructor-writes-bytes"), ...unconfined }),
    };
  };
  const failure = (failure: unknown) => forged(FrameKind.failed, 0, JSON.stringify(failure));
  const deep = `{"kind":"INTERNAL_ERROR","message":"","details":{"x":${"[".repeat(25_000)}${"]".repeat(25_000)}}}`;

  test.each([
    ["no JSON", forged(FrameKind.failed, 0, "{"), "LIBRARY_LOAD_FAILED"],
    ["another form", failure({ kind: 1 }), "LIBRARY_LOAD_FAILED"],
    [
      "a kind of error that no library has",
      failure({ kind: "SHUTTING_DOWN", message: "", details: {} }),
      "LIBRARY_LOAD_FAILED",
    ],
    ["too deep for whoever writes it again", forged(FrameKind.failed, 0, deep), "INTERNAL_ERROR"],
    ["a frame of another kind", forged(FrameKind.result, 1, "{}"), "LIBRARY_LOAD_FAILED"],
  ])("%s", async (_, bytes, kind) => {
    const { host, message } = await load(bytes);
    await using _host = host;
    expect(message.error?.data.kind).toBe(kind);
    expect(message.text.length).toBeLessThan(20_000);
    expect((await call(host, await host.load("hostile"), "count")).result.output.count).toBe(1);
  });

  test("what it says of others is not passed on", async () => {
    const details = { symbol: "s", symbols: ["s"], handle: "other-1", path: "/elsewhere", plugin: "other", secret: 1 };
    const { host, message } = await load(failure({ kind: "SYMBOL_MISSING", message: "x".repeat(50_000), details }));
    await using _host = host;
    const path = plugin("constructor-writes-bytes");
    expect(message.error?.data).toMatchObject({ kind: "SYMBOL_MISSING", symbol: "s", path, plugin: "hostile" });
    expect(message.error?.data).not.toHaveProperty("handle");
    expect(message.error?.data).not.toHaveProperty("secret");
    expect(message.text.length).toBeLessThan(20_000);
  });

  test("metadata that are in order: it lies about itself, and can spoil no more than its own calls", async () => {
    const metadata = '{"name":"forged","description":"","version":"1.0.0"}';
    const { host, message } = await load(forged(FrameKind.loaded, 0, metadata));
    await using _host = host;
    expect(message.result).toMatchObject({ metadata: { name: "forged" } });
    const { result, error } = await call(host, message.result.handle, "count");
    expect(error?.data.kind ?? result.success).toBeOneOf([true, "PLUGIN_CRASHED"]); // by whether the second answer came in time
    expect((await call(host, await host.load("hostile"), "count")).result.output.count).toBe(1);
  });
});
