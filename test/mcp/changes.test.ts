// Changes in trusted directories: announced to those who listen, in both ways, and loaded in the place of what was there.

import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Message } from "../support/host.ts";
import { libraryOf, PluginDirectory } from "../support/plugin-directory.ts";
import { LEGACY, McpClient, STATELESS } from "./support/client.ts";

const both = [STATELESS, LEGACY];
const SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId";
const changes = (client: McpClient) =>
  client.messages.filter(({ method }) => method === "notifications/tools/list_changed");
const manifest = (name: string, more: object = {}) =>
  JSON.stringify({ name, description: "", version: "1.0.0", abi_version: 1, ...more });

/** A client that is told of changes, and has seen the tools once. */
async function listening(trust: readonly string[], revision: string): Promise<McpClient> {
  const client = await McpClient.begun({ trust, revision });
  if (revision === STATELESS) {
    client.start("subscriptions/listen", { notifications: { toolsListChanged: true } });
    await client.until(({ method }) => method === "notifications/subscriptions/acknowledged");
  }
  await client.result("tools/list");
  return client;
}

/** Does something, and waits until a change is announced after which the tools are these. */
async function until(client: McpClient, act: () => void, names: readonly string[]): Promise<void> {
  let heard = changes(client).length;
  act();
  for (;;) {
    await client.until(() => changes(client).length > heard);
    heard = changes(client).length;
    const { tools } = await client.result("tools/list");
    if (tools.map(({ name }: { name: string }) => name).join() === names.join()) return;
  }
}

test.each(both)(
  "G12: what appears, by a rename or file by file, changes and goes is announced (%s)",
  async (revision) => {
    using directory = new PluginDirectory();
    using elsewhere = new PluginDirectory();
    await using client = await listening([directory.path], revision);
    const moved = elsewhere.add("moved");
    await until(client, () => renameSync(moved, join(directory.path, "moved")), ["moved"]);
    const slow = join(directory.path, "slow");
    await until(client, () => {
      mkdirSync(slow, { mode: 0o755 });
      copyFileSync(libraryOf("counter"), join(slow, "libslow.so"));
      writeFileSync(join(slow, "plugin.json"), manifest("slow"));
    }, ["moved", "slow"]);
    await until(client, () => writeFileSync(join(slow, "plugin.json"), manifest("slow", { title: "New" })), [
      "moved",
      "slow",
    ]);
    expect((await client.result("tools/list")).tools[1].title).toBe("New");
    await until(client, () => rmSync(join(directory.path, "moved"), { recursive: true }), ["slow"]);
    await until(client, () => writeFileSync(join(slow, "plugin.json"), "{"), []);
    if (revision === STATELESS)
      expect(changes(client).map(({ params }) => params?._meta)).toContainEqual({ [SUBSCRIPTION]: 0 });
    await client.over();
  },
);

test.each(both)("G12: a trusted directory may be made later, and be replaced (%s)", async (revision) => {
  using directory = new PluginDirectory();
  using elsewhere = new PluginDirectory();
  const trusted = join(directory.path, "a", "b");
  await using client = await listening([trusted], revision);
  elsewhere.add("one");
  await until(client, () => {
    mkdirSync(join(directory.path, "a"), { mode: 0o755 });
    renameSync(elsewhere.path, trusted);
  }, ["one"]);
  renameSync(trusted, elsewhere.path);
  await until(client, () => mkdirSync(trusted, { mode: 0o755 }), []);
  await until(client, () => renameSync(join(elsewhere.path, "one"), join(trusted, "one")), ["one"]);
  await client.over();
});

test.each(both)(
  "G12: a library that is replaced is loaded in the place of the old one, which stays where it is broken (%s)",
  async (revision) => {
    using directory = new PluginDirectory();
    directory.add("it", { library: "hostile", manifest: { name: "it" } });
    await using client = await listening([directory.path], revision);
    const library = join(directory.path, "it", "libit.so");
    const put = (content: Uint8Array) => {
      writeFileSync(`${library}.new`, content, { mode: 0o755 });
      renameSync(`${library}.new`, library);
    };
    const count = async () => (await client.call("it", { do: "count" })).structuredContent.count;
    expect([await count(), await count()]).toEqual([1, 2]);
    put(Buffer.from("no library"));
    await expect.poll(() => client.stderr).toMatch(/it has changed and is not loaded anew: LIBRARY_LOAD_FAILED/);
    expect(await count()).toBe(3);
    put(readFileSync(libraryOf("echo")));
    await expect
      .poll(async () => (await client.call("it", { do: "count" })).structuredContent.context?.input)
      .toEqual({ do: "count" });
    await client.over();
  },
);

test("G12: what is written anew and is the same keeps its process and its state", async () => {
  using directory = new PluginDirectory();
  directory.add("it", { library: "hostile", manifest: { name: "it" } });
  await using client = await listening([directory.path], LEGACY);
  expect((await client.call("it", { do: "count" })).structuredContent.count).toBe(1);
  const library = join(directory.path, "it", "libit.so");
  writeFileSync(library, readFileSync(library));
  await until(client, () => directory.add("other"), ["it", "other"]);
  expect((await client.call("it", { do: "count" })).structuredContent.count).toBe(2);
  await client.over();
});

test("G12: what is learned of a tool by loading it is announced", async () => {
  using directory = new PluginDirectory();
  directory.add("learned", { library: "metadata-schema" });
  await using client = await listening([directory.path], LEGACY);
  const { tools } = await client.result("tools/list");
  await until(client, () => client.startCall("learned", { do: "count" }), ["learned"]);
  expect((await client.result("tools/list")).tools[0].inputSchema).not.toEqual(tools[0].inputSchema);
  await client.over();
});

test("G12, A13: a library that appears, is replaced or goes in the platform's own directory is heard of", async () => {
  using directory = new PluginDirectory();
  const plugin = directory.add("made", { library: null });
  const place = join(plugin, "lib", `${process.platform}-${process.arch}`);
  await using client = await listening([directory.path], STATELESS);
  await until(client, () => {
    mkdirSync(place, { recursive: true });
    copyFileSync(libraryOf("counter"), join(place, "new"));
    renameSync(join(place, "new"), join(place, "libmade.so"));
  }, ["made"]);
  await until(client, () => rmSync(join(place, "libmade.so")), []);
  await until(client, () => copyFileSync(libraryOf("counter"), join(place, "libmade.so")), ["made"]);
  await client.over();
});

test("G12: a new library ends a quarantine", async () => {
  using directory = new PluginDirectory();
  directory.add("it", { library: "hostile", manifest: { name: "it" } });
  await using client = await listening([directory.path], LEGACY);
  for (let i = 0; i < 3; i++) await client.failure("it", { do: "segv" });
  expect(await client.failure("it", { do: "count" })).toMatch(/^PLUGIN_QUARANTINED/);
  writeFileSync(join(directory.path, "it", "libit.so"), readFileSync(libraryOf("echo")));
  await expect.poll(async () => (await client.call("it")).isError).toBeUndefined();
  await client.over();
});

test("G12: an id may be any; who cancels, or did not ask, hears nothing; the end is an answer", async () => {
  using directory = new PluginDirectory();
  await using client = new McpClient({ trust: [directory.path] });
  const listen = (id: string, notifications: unknown) =>
    client.send(
      `{"jsonrpc":"2.0","id":${id},"method":"subscriptions/listen","params":${JSON.stringify(client.withMeta({ notifications }))}}`,
    );
  const acknowledged = (id: string) =>
    client.until(
      ({ method, text }) =>
        method === "notifications/subscriptions/acknowledged" && text.includes(`{"${SUBSCRIPTION}":${id}}`),
    );
  listen('"a"', { toolsListChanged: true, promptsListChanged: true });
  listen("9007199254740993", { toolsListChanged: true });
  listen('"none"', { toolsListChanged: false });
  expect((await acknowledged('"a"')).params?.notifications).toEqual({ toolsListChanged: true });
  expect((await acknowledged('"none"')).params?.notifications).toEqual({});
  await acknowledged("9007199254740993");
  client.send('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":9007199254740993}}');
  await client.result("tools/list");
  await until(client, () => directory.add("late"), ["late"]);
  await client.over();
  expect(new Set(changes(client).map(({ params }) => JSON.stringify(params?._meta)))).toEqual(
    new Set([`{"${SUBSCRIPTION}":"a"}`]),
  );
  const ends = client.messages.filter(({ id, method }) => (id === "a" || id === "none") && method === undefined);
  const endOf = ({ id, result }: Message) => [id, result?._meta[SUBSCRIPTION], result?.resultType];
  expect(ends.map(endOf).toSorted()).toEqual([
    ["a", "a", "complete"],
    ["none", "none", "complete"],
  ]);
  expect(client.messages.filter(({ text }) => text.includes('"id":9007199254740993'))).toEqual([]);
});

test("G12: a filter that is no object gets -32602", async () => {
  await using client = new McpClient();
  for (const params of [{}, { notifications: [] }, { notifications: null }])
    expect(await client.error("subscriptions/listen", params)).toMatchObject({ code: -32602 });
  await client.over();
});
