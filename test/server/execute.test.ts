// What a plugin is given (E1), and what the host gets.

import { describe, expect, test } from "vitest";
import { Host } from "../support/host.ts";
import { shareHost } from "../support/shared-host.ts";

const shared = shareHost();

/** What the echo plugin was given, as text. */
async function given(host: Host, params: object): Promise<string> {
  const { text } = await host.request("plugin/execute", params);
  return text.slice(text.indexOf('"context":') + '"context":'.length, -'},"error":null,"files":[]}}'.length);
}

test("E1: the plugin is given exactly input, workspace_root and config", async () => {
  const { host } = shared;
  const handle = await host.load("echo");
  expect(await given(host, { handle })).toBe('{"input":{},"workspace_root":null,"config":{}}');
  const all = { handle, input: { a: [1] }, workspaceRoot: '/a "b"', config: { c: null } };
  expect(await given(host, all)).toBe('{"input":{"a":[1]},"workspace_root":"/a \\"b\\"","config":{"c":null}}');
});

test("E1: the config of load holds where the call has none, and is replaced, not merged, where it has one", async () => {
  const { host } = shared;
  const handle = await host.load("echo", { config: { of: "load", only: "here" } });
  const config = async (params: object) => JSON.parse(await given(host, { handle, ...params })).config;
  expect(await config({})).toEqual({ of: "load", only: "here" });
  expect(await config({ config: { of: "call" } })).toEqual({ of: "call" });
  expect(await config({ config: {} })).toEqual({});
  expect(await config({})).toEqual({ of: "load", only: "here" });
});

test("E1: two handles of one plugin have each the config of its own load", async () => {
  const { host } = shared;
  const one = await host.load("echo", { config: { n: 1 } });
  const two = await host.load("echo", { config: { n: 2 } });
  expect(JSON.parse(await given(host, { handle: one })).config).toEqual({ n: 1 });
  expect(JSON.parse(await given(host, { handle: two })).config).toEqual({ n: 2 });
});

test("E1: workspace_root is the one of initialize unless the call says otherwise, be it null", async () => {
  await using host = new Host();
  await host.result("initialize", { workspaceRoot: "/of/initialize" });
  const handle = await host.load("echo");
  const root = async (params: object) => JSON.parse(await given(host, { handle, ...params })).workspace_root;
  expect(await root({})).toBe("/of/initialize");
  expect(await root({ workspaceRoot: "/of/call" })).toBe("/of/call");
  expect(await root({ workspaceRoot: null })).toBeNull();
  expect(await root({})).toBe("/of/initialize");
});

describe("M4: input and config are objects, anything else is refused before the plugin sees it", () => {
  test.each(["null", "[]", '"text"', "1", "true"])("%s", async (value) => {
    const { host } = shared;
    const handle = await host.load("counter");
    for (const member of ["input", "config"]) {
      const error = await host.error("plugin/execute", { handle, [member]: JSON.parse(value) });
      expect(error.data).toMatchObject({ kind: "INVALID_PARAMS", issues: [{ path: member }] });
    }
    expect((await host.result("plugin/execute", { handle })).output.count).toBe(1);
  });
});

test("execute: a response is the plugin's own document, also when the plugin reports failure", async () => {
  const { host } = shared;
  const handle = await host.load("hostile");
  const result = await host.result("plugin/execute", { handle, input: { do: "answer_failure" } });
  expect(result).toEqual({ success: false, output: {}, error: "no luck", files: [] });
});
