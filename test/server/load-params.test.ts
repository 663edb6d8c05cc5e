// plugin/load with params or a plugin.json that hold mistakes: each is named, all at once.

import { afterAll, beforeAll, expect, test } from "vitest";
import { Host } from "../support/host.ts";
import { plugin } from "../support/paths.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";

let host: Host;
let plugins: PluginDirectory;

beforeAll(() => {
  plugins = new PluginDirectory();
  host = new Host({ trust: [plugins.path] });
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  plugins[Symbol.dispose]();
});

const path = plugin("echo");
const integrity = "sha256-shorterThanAnyHash=";

test.each<[what: string, params: object, issues: [path: string, message: RegExp][]]>([
  ["neither path nor name", {}, [["", /exactly one of `path` and `name`/]]],
  ["both path and name", { path, name: "echo" }, [["", /exactly one of `path` and `name`/]]],
  ["an empty path", { path: "" }, [["path", />=1 characters/]]],
  ["a path that is no string", { path: 1 }, [["path", /expected string, received number/]]],
  ["a name with a slash", { name: "../echo" }, [["name", /a plugin's name, not a path \(use `path` for that\)/]]],
  ["a hidden name", { name: ".echo" }, [["name", /a plugin's name/]]],
  ["a misspelt member", { paht: path }, [["paht", /unknown member \(did you mean `path`\?\)/]]],
  ["a member like nothing known", { path, "x-vendor": 1 }, [["x-vendor", /^unknown member$/]]],
  ["config that is no object", { path, config: [] }, [["config", /must be an object/]]],
  ["an isolation that does not exist", { path, isolation: "thread" }, [["isolation", /expected "process"/]]],
  ["a timeout of nothing", { path, timeoutMs: 0 }, [["timeoutMs", />0/]]],
  ["a timeout that no timer holds", { path, timeoutMs: 2 ** 31 }, [["timeoutMs", /<=2147483647/]]],
  ["a hash of the wrong length", { path, integrity }, [["integrity", /must be sha256-<base64>/]]],
  ["a hash of another kind", { path, integrity: "md5-abc" }, [["integrity", /must be sha256-<base64>/]]],
  ["a misspelt layer", { path, sandbox: { netwrok: true } }, [["sandbox.netwrok", /did you mean `network`\?/]]],
  ["a profile that does not exist", { path, sandbox: { profile: "x" } }, [["sandbox.profile", /"standard"/]]],
  ["a wrong element", { path, sandbox: { read: ["/", 1] } }, [["sandbox.read.1", /expected string/]]],
])("INVALID_PARAMS: %s", async (_, params, issues) => {
  const { code, data } = await host.error("plugin/load", params);
  expect([code, data.kind]).toEqual([-32602, "INVALID_PARAMS"]);
  expect(data.issues).toEqual(issues.map(([path, message]) => ({ path, message: expect.stringMatching(message) })));
});

test("INVALID_PARAMS: `inline`, which version 1.0 of the protocol had; the hint says what to do instead", async () => {
  const { message, data } = await host.error("plugin/load", { path, isolation: "inline" });
  expect(data.issues).toEqual([{ path: "isolation", message: expect.stringMatching(/expected "process"/) }]);
  expect(message).toContain("isolation");
  expect(data.hint).toMatch(/in a process of its own, always.*a process is as fast/);
});

test("INVALID_PARAMS: all mistakes at once, in the message, too", async () => {
  const { message, data } = await host.error("plugin/load", { paht: path, timeoutMs: "5", sandbox: { reed: [] } });
  const issues = data.issues as { path: string }[];
  expect(issues.map(({ path }) => path).sort()).toEqual(["paht", "sandbox.reed", "timeoutMs"]);
  for (const { path } of issues) expect(message).toContain(path);
});

test.each(["plugin/metadata", "plugin/execute", "plugin/unload", "plugin/reload"])(
  "INVALID_PARAMS: %s without a handle",
  async (method) => {
    const { data } = await host.error(method, {});
    expect(data).toMatchObject({ kind: "INVALID_PARAMS", issues: [{ path: "handle" }] });
  },
);

test.each<[what: string, manifest: object, issues: [path: string, message: RegExp][]]>([
  ["A3: no name", { name: undefined }, [["name", /expected string, received undefined/]]],
  ["A3: no description", { description: undefined }, [["description", /expected string, received undefined/]]],
  ["A3: no version", { version: undefined }, [["version", /expected string, received undefined/]]],
  ["A3: a version that is no string", { version: 1 }, [["version", /expected string, received number/]]],
  ["A3: an empty name", { name: "" }, [["name", /must be 1 to 64 of/]]],
  ["A3: a name of 65 characters", { name: "x".repeat(65) }, [["name", /must be 1 to 64 of/]]],
  ["A3: a name that is a path", { name: "../../etc" }, [["name", /must be 1 to 64 of/]]],
  ["A3: a name with a line end", { name: "made-up\n" }, [["name", /must be 1 to 64 of/]]],
  ["A3: a hidden name", { name: ".made-up" }, [["name", /begin with a letter or digit/]]],
  ["an author that is no string", { author: {} }, [["author", /expected string/]]],
  ["allowed_tools that are no strings", { allowed_tools: ["a", 1] }, [["allowed_tools.1", /expected string/]]],
  ["thread_safe that is no boolean", { thread_safe: 1 }, [["thread_safe", /expected boolean/]]],
  ["A2: abi_version that is no number", { abi_version: "1" }, [["abi_version", /expected number/]]],
  [
    "many mistakes, all at once",
    { name: 1, description: undefined, version: null, when_to_use: 5 },
    ["name", "description", "version", "when_to_use"].map((path) => [path, /expected string/]),
  ],
])("INVALID_PLUGIN: %s", async (_, manifest, issues) => {
  const bad = plugins.add("bad", { manifest });
  const { message, data } = await host.error("plugin/load", { path: bad });
  expect(data).toMatchObject({ kind: "INVALID_PLUGIN", path: bad });
  expect(data.issues).toEqual(issues.map(([path, message]) => ({ path, message: expect.stringMatching(message) })));
  for (const [path] of issues) expect(message).toContain(path);
});
