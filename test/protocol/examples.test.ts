// Every example of openrpc.json is what the program does.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { libraryName } from "../../fixtures/plugins.ts";
import type { MethodObject } from "../../protocol/openrpc.ts";
import { Host } from "../support/host.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";
import { document, mistakes, paramsCheck, resultCheck } from "./document.ts";

/** Members whose values are a machine's or a moment's own: of an example only their types count. */
const variable = new Set(["concurrency", "integrity", "p50Ms", "p99Ms", "pid", "platform", "rssBytes", "version"]);

const examples = document.methods.flatMap((method) => (method.examples ?? []).map((example) => ({ method, example })));
type Example = NonNullable<MethodObject["examples"]>[number];

function paramsOf({ params }: Example): Record<string, unknown> {
  return Object.fromEntries(params.map(({ name, value }) => [name, value]));
}

test.each(examples)("$method.name, $example.name: is as the schemas say", ({ method, example }) => {
  expect(mistakes(paramsCheck(method), paramsOf(example))).toEqual([]);
  if (example.result !== undefined) expect(mistakes(resultCheck(method), example.result.value)).toEqual([]);
});

test("every request but rpc.discover has an example", () => {
  const without = document.methods.filter(({ examples = [] }) => examples.length === 0);
  expect(without.map(({ name }) => name)).toEqual(["rpc.discover"]);
});

test("the program answers all examples, one after another, as they say", async () => {
  using home = new PluginDirectory();
  home.directory("plugins");
  mkdirSync(join(home.path, "project"));
  const manifest = { description: "Greets someone by name" };
  const as = [libraryName("hello-world")];
  home.add("plugins/hello-world", { library: "hello-world", as, manifest: { name: "hello-world", ...manifest } });
  const unbuilt = { name: "unbuilt", description: "Has no library yet" };
  home.add("plugins/unbuilt", { library: null, manifest: unbuilt });
  await using host = new Host({ trust: [join(home.path, "plugins")] });
  /** Puts one text in the place of another, wherever in a value it stands. */
  const exchange = (value: unknown, from: string, to: string) => JSON.parse(JSON.stringify(value).replaceAll(from, to));

  for (const { method, example } of examples) {
    const params = exchange(paramsOf(example), "/home/ada", home.path);
    if (method.result === undefined) {
      host.notify(method.name, params);
      continue;
    }
    const result = exchange(await host.result(method.name, params), home.path, "/home/ada");
    if (method.name === "initialize") result.methods.sort();
    expect(mistakes(resultCheck(method), result)).toEqual([]);
    expect([method.name, generalised(result)]).toEqual([method.name, generalised(example.result?.value)]);
  }
  expect(await host.closed()).toEqual({ status: 0, signal: null }); // the last is exit
});

/** A value without what differs from machine to machine. */
function generalised(value: unknown, key = ""): unknown {
  if (variable.has(key)) return typeof value;
  if (Array.isArray(value)) return value.map((element) => generalised(element));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, generalised(member, name)]));
}
