// G13: a list is kept for as long as the kernel tells of no change: it is as what lies there, at once after each change.

import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { libraryOf, PluginDirectory } from "../support/plugin-directory.ts";
import { LEGACY, McpClient } from "./support/client.ts";

const manifest = (name: string, more: object = {}) =>
  JSON.stringify({ name, description: "", version: "1.0.0", abi_version: 1, ...more });

/** What each tool is called, and its title, as tools/list says now. */
async function listed(client: McpClient): Promise<string> {
  const { tools } = await client.result("tools/list");
  return tools
    .map(({ name, title }: { name: string; title?: string }) => [name, ...(title ? [title] : [])].join(":"))
    .join();
}

test("each list is as the directories were when it was asked for, without a pause", async () => {
  using directory = new PluginDirectory();
  const plugin = directory.add("a");
  await using client = await McpClient.begun({ trust: [directory.path], revision: LEGACY });
  expect(await listed(client)).toBe("a");
  for (let i = 0; i < 20; i++) {
    writeFileSync(join(plugin, "plugin.json"), manifest("a", { title: `${i}` }));
    expect(await listed(client)).toBe(`a:${i}`);
    directory.add("b");
    expect(await listed(client)).toBe(`a:${i},b`);
    expect(await listed(client)).toBe(`a:${i},b`);
    rmSync(join(directory.path, "b"), { recursive: true });
    expect(await listed(client)).toBe(`a:${i}`);
  }
  const library = join(plugin, "liba.so");
  renameSync(library, join(directory.path, "elsewhere"));
  expect(await listed(client)).toBe("");
  renameSync(join(directory.path, "elsewhere"), library);
  expect(await listed(client)).toBe("a:19");
  await client.over();
});

test("what was changed before a list was asked for is in it, though dlrpc reads the request first", async () => {
  using directory = new PluginDirectory();
  directory.add("a");
  await using client = await McpClient.begun({ trust: [directory.path], revision: LEGACY });
  expect(await listed(client)).toBe("a");
  const pid = client.child.pid as number;
  const sent = () => new Promise<void>((resolve) => client.stdin.write("", () => resolve()));
  process.kill(pid, "SIGSTOP");
  await expect.poll(() => readFileSync(`/proc/${pid}/stat`, "utf8")).toMatch(/\) T /);
  client.start("ping"); // what is ready first is told of first
  await sent();
  directory.add("b");
  const answer = listed(client);
  await sent();
  process.kill(pid, "SIGCONT");
  expect(await answer).toBe("a,b");
  await client.over();
});

test("a directory that is made anew in the place of one that went is heard of, though it may have its number", async () => {
  using directory = new PluginDirectory();
  await using client = await McpClient.begun({ trust: [directory.path], revision: LEGACY });
  const plugin = join(directory.path, "it");
  mkdirSync(plugin, { mode: 0o755 });
  expect(await listed(client)).toBe("");
  for (let i = 0; i < 10; i++) {
    copyFileSync(libraryOf("counter"), join(plugin, "libit.so"));
    writeFileSync(join(plugin, "plugin.json"), manifest("it", { title: `${i}` }));
    expect(await listed(client)).toBe(`it:${i}`);
    writeFileSync(join(plugin, "plugin.json"), manifest("it", { title: "other" }));
    expect(await listed(client)).toBe("it:other");
    rmSync(plugin, { recursive: true });
    mkdirSync(plugin, { mode: 0o755 });
    expect(await listed(client)).toBe("");
  }
  await client.over();
});

test("the name of a trusted directory may come to mean another", async () => {
  using directory = new PluginDirectory();
  const version = (name: string) => {
    const path = join(directory.path, name, "of", name);
    mkdirSync(path, { recursive: true, mode: 0o755 });
    copyFileSync(libraryOf("counter"), join(path, `lib${name}.so`));
    writeFileSync(join(path, "plugin.json"), manifest(name));
    return join(directory.path, name);
  };
  const [v1, v2] = [version("v1"), version("v2")];
  const current = join(directory.path, "current");
  symlinkSync(v1, current);
  await using client = await McpClient.begun({ trust: [join(current, "of")], revision: LEGACY });
  expect(await listed(client)).toBe("v1");
  symlinkSync(v2, join(directory.path, "next"));
  renameSync(join(directory.path, "next"), current);
  expect(await listed(client)).toBe("v2");
  renameSync(v2, `${v2}-gone`); // a directory above it
  expect(await listed(client)).toBe("");
  await client.over();
});

/** Not every system lets everybody make namespaces. */
const may = spawnSync("unshare", ["-rm", "true"]).status === 0;

test.runIf(may)("what is written twice in one step of the file system's clock is seen twice", async () => {
  using directory = new PluginDirectory();
  // ramfs has coarse times on every kernel, others had until Linux 6.13.
  const mount = 'mount -t ramfs none "$0" && chmod 755 "$0" && exec "$@"';
  await using client = await McpClient.begun({
    through: ["unshare", "-rm", "sh", "-c", mount, directory.path],
    trust: [directory.path],
    revision: LEGACY,
  });
  expect(await listed(client)).toBe("");
  const plugin = `/proc/${client.child.pid}/root${directory.path}/it`;
  mkdirSync(plugin, { mode: 0o755 });
  copyFileSync(libraryOf("counter"), join(plugin, "libit.so"));
  for (let i = 10; i < 60; i++) {
    writeFileSync(join(plugin, "plugin.json"), manifest("it", { title: `${i}` }));
    expect(await listed(client)).toBe(`it:${i}`);
  }
  await client.over();
});

/** Each makes a plugin `it` of which something lies in a directory that nobody watches. @returns the file that is written to */
const elsewhere: [what: string, make: (plugin: string, unwatched: string) => string][] = [
  [
    "a link to a directory",
    (plugin, unwatched) => {
      renameSync(plugin, join(unwatched, "it"));
      symlinkSync(join(unwatched, "it"), plugin);
      return join(unwatched, "it", "plugin.json");
    },
  ],
  [
    "a link to a file",
    (plugin, unwatched) => {
      renameSync(join(plugin, "plugin.json"), join(unwatched, "plugin.json"));
      symlinkSync(join(unwatched, "plugin.json"), join(plugin, "plugin.json"));
      return join(unwatched, "plugin.json");
    },
  ],
  [
    "another name of a file",
    (plugin, unwatched) => {
      linkSync(join(plugin, "plugin.json"), join(unwatched, "plugin.json"));
      return join(unwatched, "plugin.json");
    },
  ],
];
test.each(elsewhere)("what lies elsewhere is looked at each time: %s", async (_, make) => {
  using directory = new PluginDirectory();
  const unwatched = join(directory.path, "not", "watched");
  mkdirSync(unwatched, { recursive: true, mode: 0o755 });
  const written = make(directory.add("it"), unwatched);
  await using client = await McpClient.begun({ trust: [directory.path], revision: LEGACY });
  for (const title of ["1", "2", "3"]) {
    writeFileSync(written, manifest("it", { title }));
    expect(await listed(client)).toBe(`it:${title}`);
  }
  await client.over();
});

test.each([
  ["the plugin", "loop"],
  ["a directory for libraries", "a/lib"],
  ["one of a platform", "a/lib/linux-x64"],
  ["a signature", "a/plugin.json.minisig"],
])("a link to itself costs no other tool: %s", async (_, name) => {
  using directory = new PluginDirectory();
  directory.add("a");
  directory.add("b");
  const link = join(directory.path, name);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(link, link);
  await using client = await McpClient.begun({ trust: [directory.path], revision: LEGACY });
  expect(await listed(client)).toBe("a,b");
  rmSync(link);
  expect(await listed(client)).toBe("a,b");
  await client.over();
});

test("one whose library comes last is a tool from then on", async () => {
  using directory = new PluginDirectory();
  const plugin = directory.add("it", { library: null });
  await using client = await McpClient.begun({ trust: [directory.path], revision: LEGACY });
  expect(await listed(client)).toBe("");
  writeFileSync(join(plugin, "libit.so"), readFileSync(libraryOf("counter")));
  expect(await listed(client)).toBe("it");
  await client.over();
});

test("a list that has not changed costs no look at the plugins", async () => {
  using directory = new PluginDirectory();
  for (let i = 0; i < 30; i++) directory.add(`p${i}`);
  await using client = await McpClient.begun({
    trust: [directory.path],
    revision: LEGACY,
    args: ["--log-level", "debug"],
  });
  const tools = await listed(client);
  const looks = () => client.stderr.split("the trusted directories are looked at").length - 1;
  const before = looks();
  for (let i = 0; i < 5; i++) expect(await listed(client)).toBe(tools);
  expect([before > 0, looks() - before]).toEqual([true, 0]);
  directory.add("late");
  expect(await listed(client)).toContain("late");
  await expect.poll(() => looks() - before).toBeGreaterThan(0);
  await client.over();
});
