// E8: what a plugin answers is checked before the host gets it.

import { describe, expect, test } from "vitest";
import { call, listed } from "../support/calls.ts";
import { Host } from "../support/host.ts";
import { shareHost } from "../support/shared-host.ts";

const shared = shareHost();

/** By what the hostile plugin does: what the error says, and how the excerpt begins. */
const wrong: Record<string, [problem: string, excerpt: string | undefined]> = {
  answer_null: ["a NULL pointer", undefined],
  answer_empty: ["not JSON: byte 0: found the end of the text, needed a value", undefined],
  answer_not_json: ["not JSON: byte 16: found the end of the text, needed a member name in quotes", '{"success":true,'],
  answer_two_values: [
    "not JSON: byte 40: found `{`, needed the end of the text",
    '{"success":true,"output":{},"files":[]} {}',
  ],
  answer_latin1: ["not UTF-8", '{"success":true,"output":{"a":"\ufffd"},"files":[]}'],
  answer_array: ["not a JSON object", "[1,2,3]"],
  answer_no_success: ["`success` is missing (a boolean)", '{"output":{},"files":[]}'],
  answer_no_output: ["`output` is missing (an object)", '{"success":true,"files":[]}'],
  answer_no_files: ["`files` is missing (an array of strings)", '{"success":true,"output":{}}'],
  answer_success_text: ["`success` is not a boolean", '{"success":"yes"'],
  answer_output_text: ["`output` is not an object", '{"success":true,"output":"x"'],
  answer_files_numbers: ["`files` is not an array of strings", '{"success":true,"output":{},"files":["a",1]}'],
  answer_error_number: ["`error` is neither a string nor null", '{"success":true,"output":{},"error":1,"files":[]}'],
};

describe("E8: INVALID_RESULT says what is wrong and shows it, and the plugin stays usable", () => {
  test.each(Object.keys(wrong))("%s", async (what) => {
    const [problem, excerpt] = wrong[what] ?? [];
    const { host } = shared;
    const handle = await host.load("hostile");
    const { error } = await call(host, handle, what);
    expect(error?.code).toBe(-32023);
    expect(error?.message).toBe(`vtcode_plugin_execute() returned an invalid result: ${problem}`);
    expect(error?.data).toMatchObject({ kind: "INVALID_RESULT", handle });
    if (excerpt === undefined) expect(error?.data).not.toHaveProperty("excerpt");
    else expect(error?.data.excerpt).toMatch(new RegExp(`^${RegExp.escape(excerpt)}`));

    expect((await call(host, handle, "count")).result.output.count).toBe(2); // the same process
    expect((await listed(host, handle)).stats).toMatchObject({ calls: 2, errors: 1, crashes: 0 });
  });
});

test("E8: several mistakes in one result are named together", async () => {
  const { host } = shared;
  const handle = await host.load("hostile");
  const { error } = await call(host, handle, "", { input: { do: "answer_input", success: 1, error: [] } });
  for (const member of ["success", "output", "error", "files"]) expect(error?.message).toContain(`\`${member}\``);
});

test("E8: of a member given twice the last one counts, as for whoever parses the result", async () => {
  const { host } = shared;
  const handle = JSON.stringify(await host.load("hostile"));
  const send = (id: string, members: string) => {
    const input = `{"do":"answer_input","output":{},"files":[],${members}}`;
    host.send(
      `{"jsonrpc":"2.0","id":"${id}","method":"plugin/execute","params":{"handle":${handle},"input":${input}}}`,
    );
    return host.answer(id);
  };
  expect((await send("good", '"success":1,"success":true')).result.success).toBe(true);
  expect((await send("bad", '"success":true,"success":1')).error?.data.kind).toBe("INVALID_RESULT");
});

test("E8: the excerpt of a long result is short", async () => {
  const { host } = shared;
  const handle = await host.load("hostile");
  const { error } = await call(host, handle, "", { input: { do: "answer_input", long: "x".repeat(10_000) } });
  expect(error?.data.excerpt).toMatch(/^\{"do":"answer_input","long":"x+…$/);
  expect(String(error?.data.excerpt).length).toBeLessThan(300);
});

test("E8, A5: the string is freed also when it is of no use", async () => {
  await using host = new Host({ args: ["--max-message-bytes", "65536"] });
  const handle = await host.load("counts-frees");
  const bad = ["answer_latin1", "answer_not_json", "answer_array", "answer_long"];
  for (const what of bad) expect((await call(host, handle, what)).error?.data.kind).toBe("INVALID_RESULT");
  const { output } = (await call(host, handle, "counts")).result;
  expect(output.returned).toBe(bad.length + 1);
  expect(output.freed).toBe(output.returned); // the metadata, too, but not yet this answer itself
});

test("E8: a result longer than --max-message-bytes is refused, and within the limit it is not", async () => {
  await using small = new Host({ args: ["--max-message-bytes", "65536"] });
  const handle = await small.load("hostile");
  const { error } = await call(small, handle, "answer_long");
  expect(error?.data.kind).toBe("INVALID_RESULT");
  expect(error?.message).toMatch(/a string of 1048\d{3} bytes, at most 65536 are taken/);
  expect((await call(small, handle, "count")).result.output.count).toBe(2);

  await using large = new Host();
  const { result } = await call(large, await large.load("hostile"), "answer_long");
  expect(result.output.s).toHaveLength(1024 * 1024);
});
