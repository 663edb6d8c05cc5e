// Every way in which plugin/load fails: what the error says, and that nothing is left behind (P3).

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ErrorKind } from "../../protocol/error-kinds.ts";
import { expectHoldings, type Holdings, holdingsOf, mappedFiles, settledHost } from "../support/holdings.ts";
import type { Host } from "../support/host.ts";
import { fixturesDirectory, plugin, projectRoot } from "../support/paths.ts";
import { PluginDirectory, type PluginOptions } from "../support/plugin-directory.ts";
import { childrenOf } from "../support/processes.ts";

/** Makes the params of a load that fails. */
type Making = (plugins: PluginDirectory) => object;
/** How it fails: the message, and members of the error's data. */
type Failure = [make: Making, message: RegExp, data?: object];
/** By the kind of the error, then by what is wrong. */
type Failures = Partial<Record<ErrorKind, Record<string, Failure>>>;

const made =
  (options: PluginOptions): Making =>
  (plugins) => ({ path: plugins.add("bad", options) });
const fixture =
  (name: string, params: object = {}): Making =>
  () => ({ path: plugin(name), ...params });
const foreign = (name: string) => made({ library: join(projectRoot, "fixtures", "foreign", name) });

const here = process.arch === "arm64" ? "aarch64" : "x86_64";
const elsewhere = process.arch === "arm64" ? "x86_64" : "aarch64";
const wrongHash = `sha256-${"A".repeat(43)}=`;

const onDisk: Failures = {
  PATH_NOT_FOUND: {
    "a path that does not exist": [fixture("nowhere"), /nowhere: there is no such directory \(ENOENT\)/],
    "the path of a file": [
      fixture("echo/plugin.json"),
      /is not a directory/,
      { hint: expect.stringContaining(plugin("echo,")) },
    ],
    "a path below a file": [fixture("echo/plugin.json/x"), /no such directory \(ENOTDIR\)/],
    "a path with a NUL": [fixture("echo\0"), /there is no such directory/],
    "a name that nobody has": [() => ({ name: "nobody" }), /No trusted directory holds a plugin called nobody/],
  },
  UNTRUSTED_PATH: {
    "a directory that nobody trusts": [() => ({ path: projectRoot }), /outside every trusted directory/],
  },
  INVALID_PLUGIN: {
    "no plugin.json": [made({ manifest: null }), /plugin\.json is missing or cannot be reached \(ENOENT\)/],
    "an empty plugin.json": [made({ manifest: "" }), /not JSON: byte 0: found the end of the text/],
    "a broken plugin.json": [made({ manifest: '{"name":' }), /not JSON: byte 8: found the end of the text/],
    "two values in plugin.json": [made({ manifest: "{} {}" }), /not JSON: byte 3: found `{`/],
    "plugin.json in Latin-1": [made({ manifest: Buffer.from('{"name":"\xe9"}', "latin1") }), /not UTF-8/],
    "plugin.json in UTF-16": [made({ manifest: Buffer.from("\ufeff{}", "utf16le") }), /not UTF-8/],
    "an array as plugin.json": [made({ manifest: "[1]" }), /not a JSON object/],
    "a huge plugin.json": [made({ manifest: { x: "x".repeat(1 << 20) } }), /at most 1048576 are read/],
    "a directory as plugin.json": [directoryAs("plugin.json"), /plugin\.json: it is not a regular file/],
    "a FIFO as plugin.json": [fifoAs("plugin.json"), /plugin\.json: it is not a regular file/],
  },
  LIBRARY_NOT_FOUND: {
    "no library": [made({ library: null }), /holds none of libbad\.so, bad\.so/, { tried: ["libbad.so", "bad.so"] }],
  },
  LIBRARY_LOAD_FAILED: {
    "a text file": [made({ library: join(projectRoot, "LICENSE") }), /not a shared library: a text file/],
    "an empty file": [made({ library: "/dev/null" }), /not a shared library: an empty file/],
    "an executable": [made({ library: process.execPath }), /executable, shared library needed/],
    "a directory": [directoryAs("libbad.so"), /libbad\.so: it is not a regular file/],
    "a FIFO": [fifoAs("libbad.so"), /libbad\.so: it is not a regular file/],
    "another machine": [foreign(`plugin-${elsewhere}.so`), new RegExp(`: ${elsewhere} library, ${here} needed$`)],
    "32 bits": [foreign("plugin-i386.so"), new RegExp(`: i386 library, ${here} needed$`)],
    Windows: [foreign("plugin-x86_64.dll"), /: Windows \(PE\) library, Linux needed$/],
    macOS: [foreign("plugin-universal.dylib"), /: macOS \(Mach-O\) library, Linux needed$/],
  },
  INTEGRITY_FAILED: {
    "another hash": [
      fixture("echo", { integrity: wrongHash }),
      /libecho\.so has the hash sha256-/,
      { expected: wrongHash },
    ],
  },
  SANDBOX_UNAVAILABLE: {
    "a required sandbox that enforces nothing": [
      fixture("echo", { sandbox: { profile: "none", require: true } }),
      /The profile `none` enforces nothing/,
    ],
  },
};

/** What comes to light when code of the library runs, or would have to. */
const inCode: Failures = {
  LIBRARY_LOAD_FAILED: {
    "an undefined symbol": [
      fixture("undefined-symbol"),
      /dist\/fixtures\/undefined-symbol\/libhostile\.so: undefined symbol: dlrpc_nowhere_defined$/,
    ],
  },
  SYMBOL_MISSING: {
    "A7: no symbol at all": [
      fixture("no-symbols"),
      /vtcode_plugin_version, vtcode_plugin_metadata, vtcode_plugin_execute$/,
      {
        symbol: "vtcode_plugin_version",
        symbols: ["vtcode_plugin_version", "vtcode_plugin_metadata", "vtcode_plugin_execute"],
      },
    ],
    "A7: one symbol missing": [
      fixture("no-execute"),
      /does not export vtcode_plugin_execute$/,
      { symbol: "vtcode_plugin_execute" },
    ],
  },
  ABI_MISMATCH: {
    // Its vtcode_plugin_metadata aborts.
    "A2: version() 2, and nothing else is called": [
      fixture("version-2"),
      /returned 2, 1 is needed/,
      { expected: 1, actual: 2 },
    ],
    "A2: abi_version 2 in the metadata": [
      fixture("metadata-abi-2"),
      /abi_version is 2, 1 is needed/,
      { expected: 1, actual: 2 },
    ],
  },
  INVALID_METADATA: {
    NULL: [fixture("metadata-null"), /returned a NULL pointer/],
    "Latin-1, and E5: with what was said meanwhile": [
      fixture("metadata-latin1"),
      /not UTF-8/,
      { stderrTail: expect.stringMatching(/^gives what is not UTF-8\n/), stdoutTail: "" },
    ],
    "half a document": [fixture("metadata-not-json"), /not JSON: byte 8: found the end of the text/],
    "members missing and wrong": [
      fixture("metadata-incomplete"),
      /description: .*; version: .*; thread_safe: /,
      { issues: ["description", "version", "thread_safe"].map((path) => expect.objectContaining({ path })) },
    ],
  },
};

/** What ends the process. */
const fatal: Failures = {
  PLUGIN_CRASHED: {
    "a constructor that aborts": [
      fixture("crashes-at-load"),
      /crashed while it was loaded: signal SIGABRT/,
      {
        signal: "SIGABRT",
        exitCode: null,
        stderrTail: "the constructor says goodbye\n",
        hint: expect.stringContaining("constructors"),
      },
    ],
    "a constructor that exits": [fixture("exits-at-load"), /status 0 unasked/, { signal: null, exitCode: 0 }],
  },
  PLUGIN_TIMEOUT: {
    "a constructor that never returns": [
      fixture("hangs-at-load", { timeoutMs: 50 }),
      /within 50 ms/,
      { timeoutMs: 50 },
    ],
    "E5: a constructor that speaks and never returns": [
      fixture("constructor-speaks", { timeoutMs: 500 }),
      /within 500 ms/,
      { stdoutTail: "printed to stdout\n", stderrTail: "printed to stderr\n" },
    ],
    "metadata() that never returns": [fixture("metadata-hangs", { timeoutMs: 50 }), /within 50 ms/, { timeoutMs: 50 }],
  },
};

function directoryAs(file: string): Making {
  return (plugins) => {
    plugins.directory(`bad/${file}`);
    return { path: plugins.add("bad", file === "plugin.json" ? { manifest: null } : { library: null }) };
  };
}

function fifoAs(file: string): Making {
  return (plugins) => {
    const path = plugins.add("bad", file === "plugin.json" ? { manifest: null } : { library: null });
    execFileSync("mkfifo", [join(path, file)]);
    return { path };
  };
}

/** For test.each. */
function rows(failures: Failures) {
  return Object.entries(failures).flatMap(([kind, byWhat]) =>
    Object.entries(byWhat).map(([what, [make, message, data = {}]]) => ({ kind, what, make, message, data })),
  );
}

/** How many private directories there are; throws where there is anything beside these. */
function privateDirectories(directory: string): number {
  const [own, ...others] = readdirSync(directory);
  if (own === undefined || others.length > 0) throw new Error(`more than the program's own: ${others}`);
  return readdirSync(join(directory, own)).length;
}

describe("P3: a failed load leaves nothing behind", () => {
  let host: Host;
  let before: Holdings;
  let plugins: PluginDirectory;
  let temporary: string;

  beforeAll(async () => {
    temporary = mkdtempSync(join(tmpdir(), "dlrpc-temporary-"));
    plugins = new PluginDirectory();
    host = await settledHost({ trust: [fixturesDirectory, plugins.path], env: { TMPDIR: temporary } });
  });
  beforeEach(async () => {
    before = await holdingsOf(host);
  });
  afterAll(async () => {
    await host[Symbol.asyncDispose]();
    plugins[Symbol.dispose]();
    rmSync(temporary, { recursive: true });
  });

  async function expectNothingLeft(): Promise<void> {
    await expectHoldings(host, before);
    await expect.poll(() => privateDirectories(temporary)).toBe(0);
  }

  test.each(rows(onDisk))("$kind: $what", async ({ kind, make, message, data }) => {
    const error = await host.error("plugin/load", make(plugins));
    rmSync(join(plugins.path, "bad"), { recursive: true, force: true });
    expect(error).toMatchObject({ message: expect.stringMatching(message), data: { kind, ...data } });
    await expectNothingLeft();
  });

  test.each(rows(inCode))("$kind: $what", async ({ kind, make, message, data }) => {
    const { path } = make(plugins) as { path: string };
    const error = await host.error("plugin/load", { path });
    const known = { kind, path, plugin: "hostile" };
    expect(error).toMatchObject({ message: expect.stringMatching(message), data: { ...known, ...data } });
    await expectNothingLeft();
  });

  test.each(rows(fatal))("$kind: $what", async ({ kind, make, message, data }) => {
    const error = await host.error("plugin/load", make(plugins));
    const known = { kind, path: expect.any(String), plugin: "hostile" };
    expect(error).toMatchObject({ message: expect.stringMatching(message), data: { ...known, ...data } });
    await expectNothingLeft();
  });

  test.each(["hangs-at-load", "metadata-hangs"])(
    "REQUEST_CANCELLED: %s, cancelled while its code runs",
    async (name) => {
      const id = host.start("plugin/load", { path: plugin(name) });
      await expect.poll(() => childrenOf(host.child.pid as number).some(hasLoadedPlugin)).toBe(true);
      host.notify("$/cancelRequest", { id });
      expect((await host.answer(id)).error).toMatchObject({ code: -32800, data: { kind: "REQUEST_CANCELLED" } });
      await expectNothingLeft();
    },
  );

  test("REQUEST_CANCELLED: a load, cancelled before its code runs", async () => {
    const id = host.start("plugin/load", { path: plugin("hangs-at-load") });
    host.notify("$/cancelRequest", { id });
    expect((await host.answer(id)).error?.data.kind).toBe("REQUEST_CANCELLED");
    await expectNothingLeft();
  });

  test("many loads that fail at the same time", async () => {
    const ids = ["version-2", "crashes-at-load", "no-symbols", "undefined-symbol", "exits-at-load"].map((name) =>
      host.start("plugin/load", { path: plugin(name) }),
    );
    const kinds = await Promise.all(ids.map(async (id) => (await host.answer(id)).error?.data.kind));
    expect(kinds).toEqual([
      "ABI_MISMATCH",
      "PLUGIN_CRASHED",
      "SYMBOL_MISSING",
      "LIBRARY_LOAD_FAILED",
      "PLUGIN_CRASHED",
    ]);
    await expectNothingLeft();
  });

  test("a failed load does not stand in the way of a good one", async () => {
    await host.error("plugin/load", { path: plugin("crashes-at-load") });
    const handle = await host.load("hello-world");
    expect(await host.result("plugin/execute", { handle })).toMatchObject({ success: true });
    await host.result("plugin/unload", { handle });
    await expectNothingLeft();
  });
});

function hasLoadedPlugin(pid: number): boolean {
  return mappedFiles(pid).includes("libhostile");
}
