// M5: nothing is rounded. What one side wrote is what the other side reads, as text.

import { describe, expect, test } from "vitest";
import { call } from "../support/calls.ts";
import type { Host } from "../support/host.ts";
import { plugin } from "../support/paths.ts";
import { shareHost } from "../support/shared-host.ts";

const shared = shareHost();
const echo = JSON.stringify(plugin("echo"));

const nested = (depth: number): string => `{"deep":${"[".repeat(depth)}${"]".repeat(depth)}}`;
const long = (bytes: number): string => `{"long":"${"x".repeat(bytes)}"}`;

const documents: Record<string, string> = {
  "64-bit integers": '{"i":9223372036854775807,"j":-9223372036854775808,"u":18446744073709551615}',
  "30-digit decimals": '{"d":0.123456789012345678901234567890,"e":123456789012345678901234567890.10}',
  "negative zero": '{"z":-0,"y":-0.0}',
  "numbers that no double holds": '{"huge":1e400,"tiny":1E-400,"plus":1e+2}',
  "keys given twice": '{"k":1,"k":2,"k":1}',
  "the order of keys": '{"b":1,"10":2,"a":3,"9":4}',
  "__proto__ and constructor": '{"__proto__":{"x":1},"constructor":{"prototype":null},"toString":1}',
  "lone surrogates": '{"s":"\\ud800","\\udfff":"\\udc00\\ud800"}',
  "an escaped NUL": '{"s":"a\\u0000b","\\u0000":0}',
  "escapes as they were written": '{"s":"\\u0041\\/\\b\\f\\n\\r\\t\\"\\\\\\u00E9","\\u006b":1}',
  "text beyond ASCII": '{"é":"日本語 🎉","s":"\u2028\u2029\u007f"}',
  "white space in strings": '{"s":" a  b ","  ":"\\n"}',
  "members that look like those of a context": '{"input":1,"config":{"input":2},"handle":"x"}',
  "1000 levels": nested(1000),
  "100000 levels": nested(100_000),
  "1 MiB": long(1024 * 1024),
  "16 MiB": long(16 * 1024 * 1024),
};

/** Sends a request whose params are text. @returns the text of its result */
async function resultText(host: Host, method: string, params: string): Promise<string> {
  const id = `${method} of ${host.messages.length}`;
  host.send(`{"jsonrpc":"2.0","id":"${id}","method":"${method}","params":${params}}`);
  const { text, error } = await host.answer(id);
  const head = `{"jsonrpc":"2.0","id":"${id}","result":`;
  if (!text.startsWith(head)) throw new Error(`${method} failed: ${JSON.stringify(error)}`);
  return text.slice(head.length, -1);
}

/** The whole text is compared, but not printed: it may be long. */
function expectSame(actual: string, expected: string): void {
  if (actual === expected) return;
  const at = [...expected].findIndex((character, i) => actual[i] !== character);
  expect.fail(`differs at ${at}: …${actual.slice(at, at + 40)}, and not …${expected.slice(at, at + 40)}`);
}

describe("M5: input and config reach the plugin as they were written, and so does its result reach the host", () => {
  test.each(Object.keys(documents))("%s", async (name) => {
    const text = documents[name] as string;
    const { host } = shared;
    const loaded = await resultText(host, "plugin/load", `{"path":${echo},"config":${text}}`);
    const handle = `"handle":"${JSON.parse(loaded).handle}"`;
    const echoed = (input: string, config: string) =>
      `{"success":true,"output":{"context":{"input":${input},"workspace_root":null,"config":${config}}},"error":null,"files":[]}`;
    expectSame(await resultText(host, "plugin/execute", `{${handle},"input":${text}}`), echoed(text, text));
    expectSame(await resultText(host, "plugin/execute", `{${handle},"config":${text}}`), echoed("{}", text));
  });
});

describe("M5: a result is passed on as the plugin wrote it", () => {
  test.each(Object.keys(documents))("%s", async (name) => {
    const { host } = shared;
    const handle = JSON.stringify(await host.load("hostile"));
    const result = `{"do":"answer_input","success":true,"output":${documents[name]},"error":null,"files":["a\\u0000b"]}`;
    expectSame(await resultText(host, "plugin/execute", `{"handle":${handle},"input":${result}}`), result);
  });

  test("numbers and keys of a plugin that was never sent any", async () => {
    const { host } = shared;
    const handle = await host.load("hostile");
    const { text } = await call(host, handle, "answer_numbers");
    expect(text).toContain(
      '"output":{"big":12345678901234567890,"d":0.1234567890123456789012345678901,"z":-0,' +
        '"inf":1e400,"__proto__":1,"constructor":2,"k":1,"k":2},',
    );
  });
});

test("M5, A4: the member error is added where it is missing, and nothing else changes", async () => {
  const { host } = shared;
  const handle = await host.load("hostile");
  const { id, text } = await call(host, handle, "answer_without_error");
  const result = '{"success":true,"output":{"n":12345678901234567890},"files":[],"error":null}';
  expect(text).toBe(`{"jsonrpc":"2.0","id":${id},"result":${result}}`);
});

test("W2: a result with line ends in it leaves as one line", async () => {
  const { host } = shared;
  const handle = await host.load("hostile");
  const { id, text } = await call(host, handle, "answer_spaced");
  const result = '{ "success" : true ,   "output" : { "a" : [ 1 ,  2 ] } , "files" : [ ] ,"error":null}';
  expect(text).toBe(`{"jsonrpc":"2.0","id":${id},"result":${result}}`);
});

test("M5: metadata keeps members that dlrpc does not know", async () => {
  const { host } = shared;
  const handle = await host.load("echo");
  const { text } = await host.request("plugin/metadata", { handle });
  expect(text).toContain('"homepage":"https://example.org/echo"');
});
