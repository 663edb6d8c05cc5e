// The plugins of fixtures/plugins that take their time, one in each language that has a wrapper of dlrpc_plugin.h: they report,
// hand over hits, log and stop, and are the same where nobody asks for that, and in VT Code.

import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compileProgram } from "../../fixtures/compile.ts";
import { buildOnDemand, searchPlugins } from "../support/build-on-demand.ts";
import { cancel, listed } from "../support/calls.ts";
import { Host, type Message } from "../support/host.ts";
import { plugin, projectRoot } from "../support/paths.ts";
import { libraryOf } from "../support/plugin-directory.ts";

await buildOnDemand("search");

/** A tree, and a program that loads plugins as VT Code does. */
let directory: string;
let workspace: string;
let loader: string;

const files: Record<string, string | Uint8Array> = {
  "b/deep/needles.c": 'int a;\nint needle; /* "\u00e9" \\ */\n\n\tneedle needle\n',
  "b/latin1.txt": Buffer.from("n\u00e4\nneedle \u00e4\n", "latin1"),
  "b.txt": "the last needle",
  "a/none.txt": "nothing\n",
  "a/binary": "needle\0",
  "a/large.txt": `needle\n${"x".repeat(1 << 20)}`,
  ".hidden": "needle\n",
  ".git/config": "needle\n",
  "dist/built.js": "needle\n",
};
const FILES = 6;
const hits = [
  { path: "b.txt", line: 1, text: "the last needle" },
  { path: "b/deep/needles.c", line: 2, text: 'int needle; /* "\u00e9" \\ */' },
  { path: "b/deep/needles.c", line: 4, text: "\tneedle needle" },
  { path: "b/latin1.txt", line: 2, text: "needle \ufffd" },
];
const input = { pattern: "needle" };
const found = { hits: hits.length, files: FILES, index: 1 };
/** For ever, for a test. */
const endless = { input: { ...input, repeat: 1e9 }, cancelGraceMs: 60_000 };

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "dlrpc-search-"));
  workspace = join(directory, "workspace");
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(workspace, name)), { recursive: true });
    writeFileSync(join(workspace, name), content);
  }
  loader = join(directory, "vtcode-loader");
  await compileProgram(join(projectRoot, "test", "support", "vtcode-loader.c"), loader, ["-ldl"]);
});

afterAll(() => rmSync(directory, { recursive: true }));

async function askingHost(): Promise<Host> {
  const host = new Host();
  await host.result("initialize", { notifications: ["progress", "output", "log"], workspaceRoot: workspace });
  return host;
}

/** What the host was told of a call, by a method, with where it came among all messages. */
function told(host: Host, method: string, of: Record<string, unknown>): { at: number; params: Message["params"] }[] {
  return host.messages.flatMap((message, at) => {
    const fits =
      message.method === method && Object.entries(of).every(([key, value]) => message.params?.[key] === value);
    return fits ? [{ at, params: message.params }] : [];
  });
}

const outputs = (host: Host, requestId: number) => told(host, "plugin/output", { requestId });
// biome-ignore lint/suspicious/noExplicitAny: the shape of a notification is what a test checks
const reports = (host: Host, token: string): any[] =>
  told(host, "$/progress", { token })
    // biome-ignore lint/suspicious/noExplicitAny: as above
    .map(({ params }) => params?.value as any)
    .filter(({ kind }) => kind === "report");

describe.each(searchPlugins)("%s", (name) => {
  const isAbsent = !existsSync(plugin(name));

  test.skipIf(isAbsent)("hands over its hits in order before the answer, says how far it is, and logs", async () => {
    await using host = await askingHost();
    const handle = await host.load(name);
    const id = host.start("plugin/execute", { handle, input, progressToken: "first", timeoutMs: 60_000 });
    const answer = await host.answer(id);
    expect(answer.result).toEqual({
      success: true,
      output: { ...found, indexed: true, matches: [] },
      error: null,
      files: [],
    });
    expect(outputs(host, id).map(({ params }) => params?.value)).toEqual(hits);
    for (const { at } of outputs(host, id)) expect(at).toBeLessThan(host.messages.indexOf(answer));
    expect(reports(host, "first").at(-1)).toMatchObject({ percentage: 100, done: 2 * FILES, total: 2 * FILES });
    const [said] = told(host, "plugin/log", { stream: "log" });
    expect(said?.params).toMatchObject({ handle, level: "info", requestId: id });
    expect(said?.params?.text).toMatch(/^read 6 files, \d+ ms are left$/);
    expect(told(host, "plugin/log", {})).toHaveLength(1);

    const again = await host.result("plugin/execute", { handle, input, progressToken: "again" });
    expect(again.output).toEqual({ ...found, indexed: false, matches: [] });
    expect(reports(host, "again").at(-1)).toMatchObject({ percentage: 100, done: FILES, total: FILES });
  });

  test.skipIf(isAbsent)("stops when it is cancelled, and keeps its process and what is in its memory", async () => {
    await using host = await askingHost();
    const handle = await host.load(name);
    await host.result("plugin/execute", { handle, input });
    const { pid } = await listed(host, handle);

    const id = host.start("plugin/execute", { handle, ...endless, progressToken: "endless" });
    await host.until(() => outputs(host, id).length === hits.length && reports(host, "endless").length >= 3);
    cancel(host, id);
    expect((await host.answer(id)).error?.data.kind).toBe("REQUEST_CANCELLED");
    const next = await host.result("plugin/execute", { handle, input });
    expect(next.output).toEqual({ ...found, indexed: false, matches: [] });
    expect(await listed(host, handle)).toMatchObject({ pid, stats: { discarded: 1, crashes: 0, restarts: 0 } });

    const done = reports(host, "endless").map((report) => report.done);
    expect(done).toEqual([...new Set(done)].sort((a, b) => a - b));
    expect(outputs(host, id).map(({ params }) => params?.value)).toEqual(hits);
  });

  test.skipIf(isAbsent)("answers with its hits where nobody asks for anything", async () => {
    await using host = new Host();
    const handle = await host.load(name);
    const search = (more: object) =>
      host.result("plugin/execute", { handle, input: { ...input, ...more }, workspaceRoot: workspace });
    expect((await search({})).output).toEqual({ ...found, indexed: true, matches: hits });
    expect((await search({ repeat: 2 })).output).toEqual({
      ...found,
      hits: 2 * hits.length,
      indexed: false,
      matches: hits,
    });
    const { output } = await search({ root: join(workspace, "b") });
    expect(output).toMatchObject({ hits: 3, files: 2, index: 2, indexed: true });
  });

  test.skipIf(isAbsent)("says what is wrong with its input, and goes on with the index that it has", async () => {
    await using host = new Host();
    const handle = await host.load(name);
    const search = (params: object) => host.result("plugin/execute", { handle, workspaceRoot: workspace, ...params });
    await search({ input });
    for (const [more, says] of [
      [{ pattern: undefined }, /"pattern" must be/],
      [{ pattern: "" }, /"pattern" must be/],
      [{ pattern: "a\0b" }, /"pattern" must be/],
      [{ root: "relative" }, /give "root", an absolute path/],
      [{ root: join(workspace, "absent") }, /absent/],
      [{ repeat: 0 }, /"repeat" must be/],
    ] as const) {
      const answer = await search({ input: { ...input, ...more } });
      expect(answer).toEqual({ success: false, output: {}, error: expect.stringMatching(says), files: [] });
    }
    const { success, error } = await host.result("plugin/execute", { handle, input });
    expect([success, error]).toEqual([false, expect.stringMatching(/there is no workspace/)]);
    expect((await search({ input })).output).toMatchObject({ ...found, indexed: false });
  });

  test.skipIf(isAbsent)("works in a loader that knows nothing of the table, as VT Code's", async () => {
    const context = JSON.stringify({ input, workspace_root: workspace, config: {} });
    const { stdout } = await promisify(execFile)(loader, [libraryOf(name), context, context]);
    const [metadata, first, second] = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(metadata).toMatchObject({ name, version: "1.0.0" });
    expect(first.output).toEqual({ ...found, indexed: true, matches: hits });
    expect(second.output).toEqual({ ...found, indexed: false, matches: hits });
  });
});
