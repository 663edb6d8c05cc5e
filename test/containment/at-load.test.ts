// P3, P5, E5: whatever a plugin does while it is loaded, asked about itself, reloaded or unloaded.

import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { libraryName } from "../../fixtures/plugins.ts";
import { FailureReason, FrameKind } from "../../native/frames/frames.ts";
import { call, exited, listed, start, watchingHost } from "../support/calls.ts";
import { forged } from "../support/forged-frames.ts";
import type { Host, Message } from "../support/host.ts";
import { plugin } from "../support/paths.ts";
import { libraryOf, PluginDirectory } from "../support/plugin-directory.ts";
import { shareHost } from "../support/shared-host.ts";
import { Bystander } from "./bystander.ts";
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
  const reloading = shareHost();
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
    using directory = new PluginDirectory(reloading.trusted);
    const path = directory.add("hostile", { library: "hostile", manifest: { name: "hostile" } });
    const { host } = reloading;
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

function makeHuge(path: string): void {
  writeFileSync(path, "");
  truncateSync(path, 2 ** 40);
}

describe("a load whose answer the plugin forges", () => {
  const load = async (bytes: Buffer): Promise<{ host: Host; message: Message }> => {
    const host = await watchingHost({ env: { LC_HOSTILE_BYTES: bytes.toString("hex") } });
    return {
      host,
      message: await host.request("plugin/load", { path: plugin("constructor-writes-bytes"), ...unconfined }),
    };
  };
  const failure = (reason: bigint, value: bigint, words: string | Buffer = "") => {
    const numbers = Buffer.alloc(16);
    numbers.writeBigUInt64LE(reason);
    numbers.writeBigUInt64LE(value, 8);
    return forged(FrameKind.failed, 0, Buffer.concat([numbers, Buffer.from(words as string)]));
  };
  const most = 2n ** 64n - 1n;
  const { notOpened, symbolsMissing, otherVersion, noMetadata } = FailureReason;

  test.each([
    ["nothing", forged(FrameKind.failed, 0, ""), "LIBRARY_LOAD_FAILED", /forged/],
    ["a failure that is too short", forged(FrameKind.failed, 0, "\x01"), "LIBRARY_LOAD_FAILED", /forged/],
    ["a reason that there is not", failure(99n, 0n), "LIBRARY_LOAD_FAILED", /forged/],
    ["a reason that no number holds", failure(most, most), "LIBRARY_LOAD_FAILED", /forged/],
    [
      "the loader's words, at length",
      failure(BigInt(notOpened), 0n, "x".repeat(50_000)),
      "LIBRARY_LOAD_FAILED",
      /forged/,
    ],
    [
      "words that are not UTF-8",
      failure(BigInt(notOpened), 0n, Buffer.from([0xff])),
      "LIBRARY_LOAD_FAILED",
      /^\ufffd$/,
    ],
    ["that no function is missing", failure(BigInt(symbolsMissing), 0n), "SYMBOL_MISSING", /does not export/],
    ["that more are missing than there are", failure(BigInt(symbolsMissing), most), "SYMBOL_MISSING", /_execute$/],
    ["a version that no number holds", failure(BigInt(otherVersion), most), "ABI_MISMATCH", /, 1 is needed/],
    [
      "metadata longer than memory is",
      failure(BigInt(noMetadata), most),
      "INVALID_METADATA",
      /18446744073709551615 bytes/,
    ],
    ["a frame of another kind", forged(FrameKind.result, 1, "{}"), "LIBRARY_LOAD_FAILED", /forged/],
  ])("%s", async (_, bytes, kind, says) => {
    const { host, message } = await load(bytes);
    await using _host = host;
    expect(message.error).toMatchObject({ message: expect.stringMatching(says), data: { kind, plugin: "hostile" } });
    expect(message.text.length).toBeLessThan(20_000);
    expect((await call(host, await host.load("hostile"), "count")).result.output.count).toBe(1);
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

  // The loader's word for a library that is not there, of a file that is: dlrpc looks for itself, and neither waits nor reads
  // without end, nor says more of it than what it is.
  test.each<[string, (path: string) => void, string]>([
    ["a pipe that nobody writes to", (path) => execFileSync("mkfifo", [path]), "not-a-library"],
    ["a device without an end", (path) => symlinkSync("/dev/zero", path), "not-a-library"],
    ["a directory", (path) => mkdirSync(path), "not-a-library"],
    ["a file that is no library", (path) => writeFileSync(path, "secret words"), "not-a-library"],
    ["an empty file", (path) => writeFileSync(path, ""), "not-a-library"],
    ["more than memory holds", makeHuge, "not-found"],
  ])("that names %s", async (_, make, reason) => {
    using directory = new PluginDirectory();
    const path = join(directory.path, "named.so");
    make(path);
    const words = `${path}: cannot open shared object file: No such file or directory`;
    const { host, message } = await load(failure(BigInt(notOpened), 0n, words));
    await using _host = host;
    expect(message.error?.data).toMatchObject({ kind: "LIBRARY_LOAD_FAILED", reason, needed: path });
    expect(message.text).not.toContain("secret");
    expect((await host.result("plugin/list")).plugins).toEqual([]);
  });
});
