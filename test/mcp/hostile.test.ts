// G7: all that the hostile corpus does, through MCP: each call has its one answer, in words that begin with the kind; the
// next call of another tool works; and nothing is left behind.

import { expect, test } from "vitest";
import { type Answer, corpus, loadFailures } from "../containment/corpus.ts";
import { gone } from "../support/gone.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";
import { descendantsOf } from "../support/processes.ts";
import { LEGACY, McpClient, STATELESS } from "./support/client.ts";

/** What one tool does when it is called. */
interface Row {
  readonly tool: string;
  /** Of the fixture whose library it is. */
  readonly variant: string;
  readonly args: Readonly<Record<string, string>>;
  readonly answers: readonly Answer[];
}

/** Each has a tool of its own: none is put in quarantine for what another does. */
const rows: readonly Row[] = [
  ...Object.values(corpus)
    .flat()
    .map(({ does, input = {}, variant = "hostile", answers }) => ({ variant, args: { do: does, ...input }, answers })),
  ...loadFailures.map(({ name, data }) => ({ variant: name, args: {}, answers: [data.kind] })),
].map((row, i) => ({ tool: `row-${100 + i}`, ...row }));

/** They get no answer before their deadline, and can all wait for it at once. */
const hangs = rows.filter(({ answers }) => answers.includes("PLUGIN_TIMEOUT"));
const others = rows.filter((row) => !hangs.includes(row));
const DEADLINE_MS = 2000;

/** One in ten of every kind. */
const some = (all: readonly Row[]) => all.filter((_, i) => i % 10 === 0);

const scenes: [what: string, revision: string, rows: readonly Row[], play: typeof inTurn, args: readonly string[]][] = [
  ["what is answered", STATELESS, others, inTurn, []],
  ["what hangs", STATELESS, hangs, atOnce, ["--timeout-ms", String(DEADLINE_MS)]],
  ["what is answered", LEGACY, some(others), inTurn, []],
  ["what hangs", LEGACY, some(hangs), atOnce, ["--timeout-ms", String(DEADLINE_MS)]],
];

test.each(scenes)("G7: the hostile corpus, %s (%s)", async (_, revision, rows, play, args) => {
  using directory = new PluginDirectory();
  for (const { tool, variant } of rows) directory.add(tool, { library: variant });
  directory.add("good");
  const trust = [directory.path];
  // What may start processes is not confined, so that it does.
  await using client = await McpClient.begun({ revision, trust, args: ["--sandbox", "none", ...args] });
  await expectGood(client, 1);
  const ids = await play(client, rows);
  const left = [...descendantsOf(client.child.pid as number), ...told(client)];
  await client.over();
  await gone(...left);
  const answered = client.messages.map(({ id }) => id).filter((id) => ids.includes(id as number));
  expect(answered.toSorted()).toEqual(ids.toSorted());
});

async function inTurn(client: McpClient, rows: readonly Row[]): Promise<number[]> {
  const ids: number[] = [];
  for (const [i, row] of rows.entries()) {
    const id = client.startCall(row.tool, row.args);
    await expectAnswer(client, id, row);
    await expectGood(client, i + 2);
    ids.push(id);
  }
  return ids;
}

async function atOnce(client: McpClient, rows: readonly Row[]): Promise<number[]> {
  const ids = rows.map(({ tool, args }) => client.startCall(tool, args));
  for (const [i, row] of rows.entries()) await expectAnswer(client, ids[i] as number, row);
  await expectGood(client, 2);
  return ids;
}

async function expectAnswer(client: McpClient, id: number, row: Row): Promise<void> {
  const { result, error } = await client.answer(id);
  const text: string = result?.content[0].text ?? JSON.stringify(error);
  const kind = result?.isError === true ? text.split(":")[0] : "result";
  expect(row.answers, `${JSON.stringify(row)} was answered with ${text}`).toContain(kind);
  if (kind !== "result") expect(text.startsWith(`${kind}: the tool ${row.tool} failed. `), text).toBe(true);
}

/** Another tool has kept its process: it counts on. */
async function expectGood(client: McpClient, count: number): Promise<void> {
  expect((await client.call("good")).structuredContent?.count).toBe(count);
}

/** The processes that plugins say they have started. */
function told({ messages }: McpClient): number[] {
  return messages.flatMap(({ result }) => result?.structuredContent?.pids ?? []);
}
