// What is taken from where it was indexed when a message was read, written in the ways in which it is not indexed; and
// outputs of sizes at which they are handled otherwise.

import { expect, test } from "vitest";
import { PluginDirectory } from "../support/plugin-directory.ts";
import { LEGACY, McpClient, STATELESS } from "./support/client.ts";

const meta = (more = "") =>
  `{"io.modelcontextprotocol/protocolVersion":"${STATELESS}","io.modelcontextprotocol/clientCapabilities":{}${more}}`;

test.each([
  ["in another order", `{"arguments":{"n":1},"_meta":${meta()},"name":"echo"}`],
  ["with an unknown param", `{"other":[{"name":"no"}],"name":"echo","arguments":{"n":1},"_meta":${meta()}}`],
  ["given twice", `{"name":"no","name":"echo","arguments":1,"arguments":{"n":1},"_meta":1,"_meta":${meta()}}`],
  ["with escapes in the names", `{"n\\u0061me":"echo","argument\\u0073":{"n":1},"_\\u006deta":${meta()}}`],
  ["with an escape in the value", `{"name":"ech\\u006f","arguments":{"n":1},"_meta":${meta()}}`],
  ["with white space", ` { "name" :\t"echo" , "arguments" : {"n":1} , "_meta" : ${meta()} } `],
])("G6: params %s", async (_, params) => {
  await using client = new McpClient({ only: ["echo"] });
  for (const id of ["1", "2"]) client.send(`{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":${params}}`);
  for (const id of [1, 2]) expect((await client.answer(id)).result.structuredContent.context.input).toEqual({ n: 1 });
  await client.over();
});

test("G2: each request is judged by its own _meta, whatever the one before had", async () => {
  await using client = new McpClient({ only: ["echo"] });
  const ask = (id: number, _meta: string) =>
    client.send(`{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"echo","_meta":${_meta}}}`);
  ask(1, meta());
  ask(2, meta());
  ask(3, meta().replace("2026", "2020"));
  ask(4, meta(',"progressToken":1.5'));
  ask(5, meta(',"progressToken":7'));
  ask(6, "{}");
  ask(7, meta());
  const answers = await Promise.all([1, 2, 3, 4, 5, 6, 7].map((id) => client.answer(id)));
  expect(answers.map(({ error }) => error?.code)).toEqual([
    ...[undefined, undefined, -32022, -32602],
    ...[undefined, -32602, undefined],
  ]);
  const told = client.messages.filter(({ method }) => method === "notifications/progress");
  expect(new Set(told.map(({ params }) => params?.progressToken))).toEqual(new Set([7]));
  await client.over();
});

test.each([LEGACY, "2024-11-05"])(
  "G6: outputs of any size come as text exactly as they were written (%s)",
  async (revision) => {
    using directory = new PluginDirectory();
    directory.add("mirror", { library: "hostile" });
    await using client = await McpClient.begun({ trust: [directory.path], revision });
    for (const size of [10, 1000, 10_900, 11_000, 32_700, 32_800, 65_600, 300_000]) {
      const text = `"\\\té${"ab\n".repeat(size / 3)}`;
      const output = { text };
      const input = { do: "answer_input", success: true, output, error: null, files: [] };
      const { content, structuredContent } = await client.call("mirror", input);
      expect(content[0].text === JSON.stringify(output)).toBe(true);
      if (revision === LEGACY) expect(structuredContent.text === text).toBe(true);
    }
    await client.over();
  },
);
