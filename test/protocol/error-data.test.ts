// What errors and notifications hold is what the document and SPEC.md say they may hold, for each kind.

import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { compileLibrary } from "../../fixtures/compile.ts";
import { libraryName } from "../../fixtures/plugins.ts";
import { type ErrorKind, errorKinds } from "../../protocol/error-kinds.ts";
import { commonMembers } from "../../protocol/error-members.ts";
import { begin, call, cancel, start, watchingHost } from "../support/calls.ts";
import { Host, type Message } from "../support/host.ts";
import { plugin, projectRoot } from "../support/paths.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";
import { shareHost } from "../support/shared-host.ts";
import { KeyDirectory } from "../support/signing.ts";
import { componentCheck, document, mistakes, paramsCheck } from "./document.ts";

type Failure = NonNullable<Message["error"]>;
type Way = (host: Host) => Promise<Message | Failure>;

const options = { args: ["--max-message-bytes", "100000", "--max-pending", "1", "--concurrency", "2"] };
const shared = shareHost(options);

/** Ways to an error: each gives the message that it came in, or the error itself. */
const ways: { [kind in ErrorKind]?: Way } = {
  PARSE_ERROR: (host) => raw(host, "{"),
  INVALID_REQUEST: (host) => raw(host, "{}"),
  DUPLICATE_ID: async (host) => {
    const handle = await host.load("hostile");
    const message = {
      jsonrpc: "2.0",
      id: "twice",
      method: "plugin/execute",
      params: { handle, input: { do: "hang" } },
    };
    for (let i = 0; i < 2; i++) host.send(JSON.stringify(message));
    return host.answer("twice");
  },
  MESSAGE_TOO_LARGE: (host) => raw(host, "x".repeat(200_000)),
  METHOD_NOT_FOUND: (host) => host.error("plugin/lode"),
  INVALID_PARAMS: (host) => host.error("plugin/load", {}),
  REQUEST_CANCELLED: async (host) => {
    const id = await begin(host, await host.load("hostile"), "hang");
    cancel(host, id);
    return host.answer(id);
  },
  PATH_NOT_FOUND: (host) => host.error("plugin/load", { name: "nowhere" }),
  UNTRUSTED_PATH: (host) => host.error("plugin/load", { path: "/" }),
  INVALID_PLUGIN: (host) => withPlugin(host, (directory) => directory.add("a", { manifest: "{}" })),
  LIBRARY_NOT_FOUND: (host) => withPlugin(host, (directory) => directory.add("a", { library: null })),
  LIBRARY_LOAD_FAILED: (host) =>
    withPlugin(host, (directory) => directory.add("a", { library: join(plugin("counter"), "plugin.json") })),
  SYMBOL_MISSING: (host) => host.error("plugin/load", { path: plugin("no-symbols") }),
  ABI_MISMATCH: (host) => host.error("plugin/load", { path: plugin("version-2") }),
  INVALID_METADATA: (host) => host.error("plugin/load", { path: plugin("metadata-incomplete") }),
  INTEGRITY_FAILED: (host) =>
    host.error("plugin/load", { path: plugin("counter"), integrity: `sha256-${"A".repeat(43)}=` }),
  SANDBOX_UNAVAILABLE: (host) =>
    host.error("plugin/load", { path: plugin("counter"), sandbox: { profile: "none", require: true } }),
  UNKNOWN_HANDLE: (host) => host.error("plugin/metadata", { handle: "none" }),
  PLUGIN_CRASHED: async (host) => call(host, await host.load("hostile"), "segv"),
  PLUGIN_TIMEOUT: async (host) => call(host, await host.load("hostile"), "hang", { timeoutMs: 50 }),
  INVALID_RESULT: async (host) => call(host, await host.load("hostile"), "answer_not_json"),
  OVERLOADED: async (host) => {
    const handle = await host.load("hostile");
    await begin(host, handle, "hang");
    start(host, handle, "count");
    return call(host, handle, "count");
  },
  PLUGIN_QUARANTINED: async (host) => {
    const handle = await host.load("hostile");
    for (let i = 0; i < 3; i++) await call(host, handle, "exit_7");
    return call(host, handle, "count");
  },
  SHUTTING_DOWN: async (host) => {
    host.start("shutdown");
    return host.error("plugin/list");
  },
};

/** Other ways to kinds that come about in more than one. */
const otherWays: [ErrorKind, Way][] = [
  ["INVALID_PARAMS", (host) => host.error("initialize", { protocolVersion: 2 })],
  ["PATH_NOT_FOUND", (host) => host.error("plugin/load", { path: "/nonexistent" })],
  ["UNTRUSTED_PATH", (host) => host.error("plugin/discover", { dirs: ["/"] })],
  ["INVALID_PLUGIN", (host) => withPlugin(host, (directory) => directory.add("a", { manifest: null, library: null }))],
  ["LIBRARY_LOAD_FAILED", (host) => host.error("plugin/load", { path: plugin("undefined-symbol") })],
  ["LIBRARY_LOAD_FAILED", unreadable],
  ["ABI_MISMATCH", (host) => host.error("plugin/load", { path: plugin("metadata-abi-2") })],
  ["INVALID_METADATA", (host) => host.error("plugin/load", { path: plugin("metadata-null") })],
  ["PLUGIN_CRASHED", (host) => host.error("plugin/load", { path: plugin("crashes-at-load") })],
  ["PLUGIN_CRASHED", async (host) => call(host, await host.load("hostile"), "write_channel")],
  [
    "PLUGIN_CRASHED",
    (host) => host.error("plugin/load", { path: plugin("memory-at-load"), sandbox: { memoryMb: 64 } }),
  ],
  ["PLUGIN_CRASHED", async (host) => call(host, await host.load("temporary"), "levels")],
  ["PLUGIN_CRASHED", sibling],
  ["PLUGIN_TIMEOUT", (host) => host.error("plugin/load", { path: plugin("hangs-at-load"), timeoutMs: 50 })],
  ["INVALID_RESULT", async (host) => call(host, await host.load("hostile"), "answer_null")],
];

/** Sends a line that is no request. @returns the answer to nobody */
async function raw(host: Host, line: string): Promise<Message> {
  host.send(line);
  return host.until(({ id }) => id === null);
}

/** Loads a plugin of a directory that was made for it. */
async function withPlugin(host: Host, make: (directory: PluginDirectory) => string): Promise<Failure> {
  using directory = new PluginDirectory(shared.trusted);
  const path = make(directory);
  return await host.error("plugin/load", { path }); // before the directory is removed
}

/** Loads a plugin that needs a library from where it may not read. */
async function unreadable(host: Host): Promise<Failure> {
  using directory = new PluginDirectory(shared.trusted);
  const path = directory.add("a", { library: null });
  const sources = (name: string) => [join(projectRoot, "fixtures", "companion", `${name}.c`)];
  const needed = join(directory.directory("opt"), libraryName("greeting"));
  await compileLibrary({
    language: "c",
    sources: sources("greeting"),
    output: needed,
    defines: { EDITION: '"first"' },
  });
  const flags = [`-L${dirname(needed)}`, "-lgreeting", `-Wl,-rpath,${dirname(needed)}`];
  await compileLibrary({ language: "c", sources: sources("companion"), output: join(path, libraryName("a")), flags });
  return await host.error("plugin/load", { path, sandbox: { profile: "strict" } });
}

/** Two calls run at once, and one meets its deadline. @returns the answer to the other */
async function sibling(host: Host): Promise<Message> {
  await host.result("initialize", { notifications: ["progress"] });
  const handle = await host.load("hostile-thread-safe");
  const id = await begin(host, handle, "hang");
  await call(host, handle, "hang", { timeoutMs: 50 });
  return host.answer(id);
}

/** Those that need a host of their own: one that is told when calls begin, or one that they initialize or end. */
const watching: readonly ErrorKind[] = ["REQUEST_CANCELLED", "OVERLOADED"];
const alone: readonly Way[] = [sibling, ways.SHUTTING_DOWN as Way];

/** The members of data that came, by kind. */
const seen = new Set<string>();
const withoutHint = new Set<ErrorKind>();

describe("an error's code and data are those of its kind", () => {
  const all = [...(Object.entries(ways) as typeof otherWays), ...otherWays];
  test.each(all.map(([kind, way], index) => ({ kind, way, index })))("$kind ($index)", async ({ kind, way }) => {
    await using own = watching.includes(kind)
      ? await watchingHost(options)
      : alone.includes(way)
        ? new Host(options)
        : null;
    const got = await way(own ?? shared.host);
    const { code, data } = ("error" in got ? got.error : got) as Failure;
    expect({ code, kind: data.kind }).toEqual({ code: errorKinds[kind].code, kind });
    expect(mistakes(componentCheck("ErrorData"), data)).toEqual([]);
    const known: readonly string[] = ["kind", ...commonMembers, ...errorKinds[kind].data];
    expect(Object.keys(data).filter((member) => !known.includes(member))).toEqual([]);
    for (const member of Object.keys(data)) seen.add(`${kind} ${member}`);
    if (data.hint === undefined) withoutHint.add(kind);
  });

  test("each says what to do about it, unless the issues do or nothing is to be done", () => {
    expect([...withoutHint].toSorted()).toEqual(["INVALID_PARAMS", "REQUEST_CANCELLED"]);
  });

  test("INTEGRITY_FAILED of a signature", async () => {
    using keys = new KeyDirectory();
    await using host = new Host({
      trust: [shared.trusted.path],
      args: ["--require-signature", (await keys.generate("k")).public],
    });
    const { code, data } = await withPlugin(host, (directory) => {
      const path = directory.add("a");
      directory.file("a/plugin.json.minisig", "");
      return path;
    });
    expect(code).toBe(errorKinds.INTEGRITY_FAILED.code);
    expect(mistakes(componentCheck("ErrorData"), data)).toEqual([]);
    for (const member of Object.keys(data)) seen.add(`INTEGRITY_FAILED ${member}`);
  });

  test("RESOURCES_EXHAUSTED", async () => {
    await using host = new Host({ args: ["--max-handles", "1"] });
    await host.load("counter");
    const { code, data } = await host.error("plugin/load", { path: plugin("counter") });
    expect(code).toBe(errorKinds.RESOURCES_EXHAUSTED.code);
    expect(mistakes(componentCheck("ErrorData"), data)).toEqual([]);
    for (const member of Object.keys(data)) seen.add(`RESOURCES_EXHAUSTED ${member}`);
  });

  test("PLUGIN_CRASHED and PLUGIN_TIMEOUT of calls that are recorded", async () => {
    using directory = new PluginDirectory();
    await using host = new Host({ args: ["--record", join(directory.path, "records")] });
    const handle = await host.load("hostile");
    for (const params of [{ input: { do: "segv" } }, { input: { do: "hang" }, timeoutMs: 50 }]) {
      const { data } = await host.error("plugin/execute", { handle, ...params });
      expect(mistakes(componentCheck("ErrorData"), data)).toEqual([]);
      for (const member of Object.keys(data)) seen.add(`${data.kind} ${member}`);
    }
  });

  test("each member was seen with each kind that may hold it", () => {
    const told = Object.entries(errorKinds).flatMap(([kind, { data }]) => data.map((member) => `${kind} ${member}`));
    // A length is told beforehand by headers only, and an exception on Windows only (test/windows).
    const unseen = ["BAD_FRAME problem", "MESSAGE_TOO_LARGE size", "PLUGIN_CRASHED exception"];
    expect(told.filter((each) => !seen.has(each))).toEqual(unseen);
  });

  test("every kind has a way here but these four, of which two have one elsewhere", () => {
    const missing = Object.keys(errorKinds).filter((kind) => !(kind in ways));
    // A program that is whole has a worker: test/cli/authoring/build-worker.slow.test.ts takes it away; and it has room (above).
    expect(missing).toEqual(["BAD_FRAME", "INTERNAL_ERROR", "WORKER_UNAVAILABLE", "RESOURCES_EXHAUSTED"]);
  });
});

test("N1, N2, N3, S22, X3, X4, X6: the notifications of dlrpc are as the document says", async () => {
  await using host = new Host();
  await host.result("initialize", { notifications: ["progress", "exited", "log", "refused", "output"] });
  const table = await host.load("hostile-table");
  await call(host, table, "cancel_threads", { progressToken: 0 });
  await call(host, table, "report_from_many", { progressToken: 0 });
  await call(host, table, "speak_after", { progressToken: 0 });
  const handle = await host.load("hostile");
  await call(host, handle, "print", { progressToken: 1 });
  await call(host, handle, "segv", { progressToken: "two" });
  await call(host, handle, "hang", { timeoutMs: 50 });
  const explained = await host.load("attack", { sandbox: { explain: true } });
  await call(host, explained, "shared_memory");
  await call(host, explained, "fork");
  await host.finish();
  const told = host.messages.filter(({ method }) => method !== undefined);
  for (const method of document["x-notifications"]) {
    const params = told.filter((message) => message.method === method.name).map((message) => message.params);
    expect(params.length).toBeGreaterThan(1);
    const check = paramsCheck({ ...method, "x-unknown-params": "refused" });
    expect(params.flatMap((each) => mistakes(check, each))).toEqual([]);
  }
  expect(told.map(({ method }) => method)).not.toContain(undefined);
});
