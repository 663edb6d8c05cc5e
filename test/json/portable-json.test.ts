// M13: with --portable-json what not every parser reads is refused; by default it passes (raw-json.test.ts).

import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { libraryName } from "../../fixtures/plugins.ts";
import { Host, type Message } from "../support/host.ts";
import { plugin, projectRoot } from "../support/paths.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";
import { shareHost } from "../support/shared-host.ts";

const args = ["--portable-json"];

/** The result document is 4 levels around its input. */
const nested = (depth: number) => "[".repeat(depth - 4) + "]".repeat(depth - 4);

const refused: Record<string, string> = {
  "57 levels": nested(57),
  "100000 levels": nested(100_000),
  "1e400": "1e400",
  "-1e400": "-1e400",
  "an integer of 310 digits": "9".repeat(310),
  "an integer of 5000 digits": "1".repeat(5000),
  "a high surrogate alone": '"\\ud800"',
  "a low surrogate alone": '"\\udc00"',
  "a high surrogate in front of another": '"\\ud83d\\ud83d\\ude00"',
  "a high surrogate in front of another escape": '"\\ud83d\\n"',
  "half a pair in a name": '{"\\uDBFF":1}',
};

const passed: Record<string, string> = {
  "56 levels": nested(56),
  "many levels one after the other": `[${Array(1000).fill("[[]]").join(",")}]`,
  "the largest double": "1.7976931348623157e308",
  "an integer of 309 digits": "1".repeat(309),
  "many digits of a small number": `0.${"3".repeat(1000)}`,
  "numbers that are rounded": "[18446744073709551615,1e-400,-0]",
  "a pair of surrogates": '"\\ud83d\\uDE00 \\uD83D\\ude00"',
  "escapes that look like halves": '"\\\\ud800 \\"\\\\\\\\udc00"',
  "brackets and numbers in strings": JSON.stringify(`${"[".repeat(100)} 1e400`),
  "text beyond the basic plane": '"🎉"',
};

function echo(host: Host, handle: string, value: string): Promise<Message> {
  const id = `call ${host.messages.length}`;
  host.send(
    `{"jsonrpc":"2.0","id":"${id}","method":"plugin/execute","params":{"handle":"${handle}","input":{"v":${value}}}}`,
  );
  return host.answer(id);
}

const shared = shareHost({ args });

describe("M13: INVALID_RESULT", () => {
  test.each(Object.entries(refused))("%s", async (_, value) => {
    const { host } = shared;
    const handle = await host.load("echo");
    const { error } = await echo(host, handle, value);
    expect(error?.data).toMatchObject({
      kind: "INVALID_RESULT",
      problem: expect.stringMatching(/--portable-json.*byte \d+/),
    });
    expect((await echo(host, handle, "1")).error).toBeUndefined(); // it stays usable
  });
});

describe("M13: passes", () => {
  test.each(Object.entries(passed))("%s", async (_, value) => {
    const { host } = shared;
    const { text } = await echo(host, await host.load("echo"), value);
    expect(text).toContain(`"input":{"v":${value}}`);
  });
});

test("M13: metadata and plugin.json are refused, too", async () => {
  using plugins = new PluginDirectory();
  plugins.add("described", { manifest: '{"name":"described","description":"d","version":"1.0.0","x":1e400}' });
  const path = plugins.add("describes", { library: null });
  const source = plugins.file(
    "describes.c",
    `#include "vtcode_plugin.h"
uint32_t vtcode_plugin_version(void) { return VTCODE_PLUGIN_ABI_VERSION; }
const char *vtcode_plugin_metadata(void) {
    return "{\\"name\\":\\"describes\\",\\"description\\":\\"d\\",\\"version\\":\\"1.0.0\\",\\"x\\":\\"\\\\udfff\\"}";
}
const char *vtcode_plugin_execute(const char *input) { return input; }
`,
  );
  const library = `${path}/${libraryName("describes")}`;
  execFileSync("cc", ["-shared", "-fPIC", "-I", `${projectRoot}/protocol`, "-o", library, source]);
  await using host = new Host({ args, trust: [plugins.path] });
  const { plugins: found } = await host.result("plugin/discover");
  expect(found).toMatchObject([
    { valid: false, metadata: null, problems: [{ code: "INVALID_PLUGIN" }] },
    { valid: true },
  ]);
  expect((await host.error("plugin/load", { path })).data.kind).toBe("INVALID_METADATA");
  await using other = new Host({ trust: [plugins.path] });
  await other.result("plugin/load", { path });
});

test("M13: by default all of it passes", async () => {
  await using host = new Host();
  const handle = await host.result("plugin/load", { path: plugin("echo") });
  for (const value of Object.values(refused)) expect((await echo(host, handle.handle, value)).text).toContain(value);
});
