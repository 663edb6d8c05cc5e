// M1, M3, M4, M6, M7 and M9: what is a request, and what is said to it. RawHost itself sees to the members of answers.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { plugin } from "../support/paths.ts";
import { inShort, probe, RawHost, replies } from "../support/raw-host.ts";

const lines = { framing: "lines", args: ["--framing=lines"] } as const;

function request(id: string, method = "plugin/list", params?: string): string {
  return `{"jsonrpc":"2.0","id":${id},"method":"${method}"${params === undefined ? "" : `,"params":${params}`}}\n`;
}

/** Whatever it is sent, it goes on: one for all that needs none of its own. What is said beyond a test is said to the next. */
let longLived: RawHost;
beforeAll(() => {
  longLived = new RawHost(lines);
});
afterAll(() => longLived.finish());

/** @returns what is said to lines, of which a request with the id 1 is answered last */
const answers = (text: Buffer | string) => longLived.exchange(text, 1);

describe("M1, M7: what is no JSON gets PARSE_ERROR, with the id null, and the next message works", () => {
  test.each([
    "{",
    '{"jsonrpc":"2.0","id":5,"method":"plugin/list"',
    `${probe(5)}}`,
    `${probe(5)} ${probe(6)}`,
    `${probe(5)},`,
    `{"jsonrpc":"2.0","id":5,"method":"plugin/list",}`,
    "{'id':5}",
    '{"id":05}',
    '{"a":"\t"}',
    '{"a":"\\x"}',
    "NaN",
    '{"a":"\\u12"}',
    Buffer.from('{"jsonrpc":"2.0","id":5,"method":"caf\xe9"}', "latin1"),
    Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]), // half a character, as UTF-8 cannot have it
    Buffer.from([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]),
  ])("%s", async (text) => {
    const input = Buffer.concat([Buffer.from(text as string), Buffer.from(`\n${probe(1)}\n`)]);
    const said = await answers(input);
    expect(inShort(said)).toEqual(["PARSE_ERROR", "1"]);
    expect(said[0]?.json.error.code).toBe(-32700);
  });
});

describe("M1, M7: JSON that is no request gets INVALID_REQUEST, with the id where there is one", () => {
  test.each([
    ["null", null],
    ["true", null],
    ["17", null],
    ['"text"', null],
    ["{}", null],
    ['{"jsonrpc":"2.0","id":5}', 5],
    ['{"jsonrpc":"2.0","id":5,"method":null}', 5],
    ['{"jsonrpc":"2.0","id":5,"method":["plugin/list"]}', 5],
    ['{"jsonrpc":"1.0","id":5,"method":"plugin/list"}', 5],
    ['{"jsonrpc":2.0,"id":5,"method":"plugin/list"}', 5],
    ['{"id":5,"method":"plugin/list"}', 5],
    ['{"method":"plugin/list"}', null],
    ['{"jsonrpc":"2.0","id":true,"method":"plugin/list"}', null],
    ['{"jsonrpc":"2.0","id":{},"method":"plugin/list"}', null],
    ['{"jsonrpc":"2.0","id":[5],"method":"plugin/list"}', null],
    ['{"jsonrpc":"2.0","id":5,"method":"plugin/list","params":"x"}', 5],
  ])("%s", async (text, id) => {
    const said = await answers(`${text}\n${probe(1)}\n`);
    expect(inShort(said)).toEqual([id === null ? "INVALID_REQUEST" : `INVALID_REQUEST ${id}`, "1"]);
    expect(said[0]?.json.error.code).toBe(-32600);
  });
});

test("M1: members in any order, escaped, given twice (the last counts), and unknown ones", async () => {
  const input = [
    '{"params":{},"method":"probe","id":1,"jsonrpc":"2.0"}',
    '{"\\u006asonrpc":"2.0","id":2,"method":"probe"}',
    '{"jsonrpc":"2.0","id":9,"method":"x","id":3,"method":"probe"}',
    '{"jsonrpc":"2.0","id":4,"method":"probe","trace":[{}],"__proto__":null,"constructor":1}',
    ' \t{ "jsonrpc" : "2.0" , "id" : 5 , "method" : "pr\\u006fbe" }\t',
  ];
  expect(inShort(await replies(input.join("\n"), lines))).toEqual(["1", "2", "3", "4", "5"]);
});

describe("M3: ids come back as they were written", () => {
  const ids = [
    ...["9007199254740993", "-0", "1.0", "1", '"1"', "1e0", "1E+400", "0.1000", "-1", '""', '"\\u0041"', '"A"'],
    ...['"é日本🎉"', '"\\ud83d"', '"a\\"b\\\\\\n"', '"null"', '"__proto__"', '"\u2028"', `"${"x".repeat(100_000)}"`],
  ];

  test.each([
    ["a result", "plugin/list", "result"],
    ["an error", "probe", "error"],
  ])("with %s, one after the other", async (_, method, outcome) => {
    const said = await replies(ids.map((id) => request(id, method)).join(""), lines);
    for (const [i, id] of ids.entries()) {
      expect(said[i]?.text.startsWith(`{"jsonrpc":"2.0","id":${id},"${outcome}":`)).toBe(true);
    }
  });

  test("while all are in flight they are different ids, and null is in flight as often as one likes", async () => {
    await using host = new RawHost(lines);
    const handle = await host.load("hostile");
    const all = [...ids, "null", "null", "null"];
    for (const id of all)
      await host.send(request(id, "plugin/execute", `{"handle":"${handle}","input":{"do":"hang"}}`));
    await host.send(request('"end"', "plugin/unload", `{"handle":"${handle}","force":true}`));
    await host.messages(all.length + 2);
    const answered = host.said
      .slice(1)
      .map(({ text }) => /^\{"jsonrpc":"2.0","id":(.*?),"(?:error|result)":/s.exec(text)?.[1]);
    expect(answered.toSorted()).toEqual([...all, '"end"'].toSorted());
    expect(inShort(host.said).filter((text) => text.startsWith("REQUEST_CANCELLED"))).toHaveLength(all.length);
  });

  test.each(["7", '"seven"', "7.0"])("%s twice in flight: the second is refused, the first goes on", async (id) => {
    await using host = new RawHost(lines);
    const handle = await host.load("hostile");
    await host.send(request(id, "plugin/execute", `{"handle":"${handle}","input":{"do":"hang"}}`));
    for (const method of ["plugin/list", "probe"]) {
      const { error, ...rest } = await host.ask(request(id, method));
      expect([JSON.stringify(rest.id), error.code, error.data.kind]).toEqual([
        JSON.stringify(JSON.parse(id)),
        -32600,
        "DUPLICATE_ID",
      ]);
    }
    await host.send(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":${id}}}\n`);
    expect((await host.messages(4)).json.error.data.kind).toBe("REQUEST_CANCELLED");
    expect((await host.ask(request(id))).result.plugins).toHaveLength(1); // answered, so the id is free again
    await host.finish();
  });
});

describe("M4: params", () => {
  test.each(["null", "{}", "[]", "[ \t ]", undefined])("%s: no members", async (params) => {
    const [said] = await answers(request("1", "plugin/list", params));
    expect(said?.json.result).toEqual({ plugins: [] });
  });

  test.each([
    ["[1]", "INVALID_PARAMS", -32602],
    ["[{}]", "INVALID_PARAMS", -32602],
    ["[[]]", "INVALID_PARAMS", -32602],
    ["0", "INVALID_REQUEST", -32600],
    ['""', "INVALID_REQUEST", -32600],
    ["false", "INVALID_REQUEST", -32600],
  ])("%s: %s", async (params, kind, code) => {
    const [said] = await answers(request("1", "plugin/list", params));
    expect(said?.json).toMatchObject({ id: 1, error: { code, data: { kind } } });
  });

  test.each([
    ["plugin/metadata", '{"handel":"x"}', "handel", "`handle`"],
    ["plugin/list", '{"verbose":true}', "verbose", "unknown member"],
    ["plugin/execute", '{"handle":"x","inptu":{}}', "inptu", "`input`"],
    ["plugin/load", '{"path":"x","sandbox":{"netwrok":true}}', "sandbox.netwrok", "`network`"],
    ["plugin/list", '{"__proto__":1}', "__proto__", "unknown member"],
  ])("%s with %s: the member is named, and the nearest known one", async (method, params, path, text) => {
    const [said] = await answers(request("1", method, params));
    const { code, message, data } = said?.json.error ?? {};
    expect([code, data.kind]).toEqual([-32602, "INVALID_PARAMS"]);
    expect(data.issues.find((issue: { path: string }) => issue.path === path)?.message).toContain(text);
    expect(message).toContain(path);
  });

  test("an unknown method is answered, with the nearest known one", async () => {
    const [said] = await answers(request("1", "plugin/lits"));
    expect(said?.json.error).toMatchObject({ code: -32601, data: { kind: "METHOD_NOT_FOUND" } });
    expect(said?.json.error.message).toContain("`plugin/list`");
  });

  test("unknown notifications, wrong ones, and responses that nobody waits for are ignored", async () => {
    const input = [
      '{"jsonrpc":"2.0","method":"initialized","params":{}}',
      '{"jsonrpc":"2.0","method":"no/such/thing","params":[1,2]}',
      '{"jsonrpc":"2.0","method":"plugin/list"}', // a request's method, without an id
      '{"jsonrpc":"2.0","method":"no/such/thing","params":"x"}',
      '{"jsonrpc":"2.0","method":"$/cancelRequest"}',
      '{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":"unknown"}}',
      '{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":{}}}',
      '{"jsonrpc":"2.0","id":7,"result":{}}',
      '{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"x"}}',
    ];
    expect(inShort(await answers([...input, `${probe(1)}\n`].join("\n")))).toEqual(["1"]);
  });
});

test("M6: each of a thousand requests is answered once, though the end of input follows at once", async () => {
  const ids = Array.from({ length: 1000 }, (_, i) => i);
  const methods = ["plugin/list", "plugin/validate", "plugin/load", "probe", "plugin/metadata"];
  const said = await replies(ids.map((id) => request(String(id), methods[id % methods.length])).join(""), lines);
  expect(said.map(({ json }) => json.id).toSorted((a, b) => a - b)).toEqual(ids);
});

test("M7: bad messages between good ones change nothing for these", async () => {
  const bad = ["{", "[]", "{}", '{"jsonrpc":"2.0","id":{},"method":"x"}', "\xff", "[1,", "1"];
  const input = bad.flatMap((text, i) => [probe(i), text]).join("\n");
  const said = inShort(await replies(Buffer.from(input, "latin1"), lines));
  expect(said.filter((_, i) => i % 2 === 0)).toEqual(bad.map((_, i) => `${i}`));
  expect(said).toHaveLength(2 * bad.length);
});

test("M6: what is not done when dlrpc has waited long enough is answered with SHUTTING_DOWN", async () => {
  const args = [...lines.args, "--drain-ms=1000"];
  const ids = Array.from({ length: 16 }, (_, i) => i);
  const params = JSON.stringify({ path: plugin("hangs-at-load") });
  const said = await replies(ids.map((id) => request(String(id), "plugin/load", params)).join(""), { ...lines, args });
  expect(said.map(({ json }) => json.id).toSorted((a, b) => a - b)).toEqual(ids);
  expect(new Set(said.map(({ json }) => json.error?.data.kind))).toEqual(new Set(["SHUTTING_DOWN"]));
});
