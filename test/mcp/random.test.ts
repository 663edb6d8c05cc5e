// Random messages, the same each time: whatever comes, each request has one answer at most, those that are in order have
// one, all that leaves is of MCP's form, and the program ends in order.

import { expect, test } from "vitest";
import { Random } from "../fuzz/random.ts";
import { McpClient, STATELESS } from "./support/client.ts";
import { isMessage } from "./support/forms.ts";

type Json = Record<string, unknown>;

const SEEDS = [1, 2, 3, 4];
const MESSAGES = 400;

const _meta = {
  "io.modelcontextprotocol/protocolVersion": STATELESS,
  "io.modelcontextprotocol/clientCapabilities": {},
  progressToken: 0,
};
const call = (name: string, args: Json) => ({ method: "tools/call", params: { _meta, name, arguments: args } });
const samples: readonly Json[] = [
  { method: "server/discover", params: { _meta } },
  { method: "tools/list", params: { _meta, cursor: "a" } },
  call("echo", { a: [1, { b: null }] }),
  call("hostile", { do: "count" }),
  { method: "subscriptions/listen", params: { _meta, notifications: { toolsListChanged: true } } },
  { method: "notifications/cancelled", params: { requestId: 2 } },
  { method: "initialize", params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "x" } } },
  { method: "ping" },
  { method: "tools/call", params: { name: "echo" } },
];
const values: readonly unknown[] = [
  null,
  0,
  -1,
  1.5,
  "",
  [],
  {},
  true,
  "x".repeat(1000),
  { a: [1] },
  STATELESS,
  "echo",
];
const names = ["_meta", "name", "arguments", "cursor", "__proto__", "jsonrpc"];

/** Puts another value somewhere, takes one away, or adds one; ids stay, by which answers are known. */
function damage(object: Json, random: Random): void {
  const key = random.pick(Object.keys(object).filter((name) => name !== "id"));
  const inner = key === undefined ? undefined : object[key];
  if (typeof inner === "object" && inner !== null && Object.keys(inner).length > 0 && !random.chance(3)) {
    return damage(inner as Json, random);
  }
  const what = random.below(4);
  if (what === 0) delete object[key as string];
  else object[what === 1 ? random.pick(names) : (key as string)] = random.pick(values);
}

test.each(SEEDS)("G2, G3: random messages of seed %i", async (seed) => {
  const random = new Random(seed);
  await using client = new McpClient({ only: ["echo", "hostile"] });
  const inOrder: string[] = [];
  for (let n = 0; n < MESSAGES; n++) {
    const message: Json = { jsonrpc: "2.0", id: `r${n}`, ...structuredClone(random.pick(samples)) };
    if (String(message.method).startsWith("notifications/")) delete message.id;
    const isDamaged = !random.chance(3);
    if (isDamaged) damage(message, random);
    else if (message.id !== undefined) inOrder.push(message.id as string);
    const text = JSON.stringify(message);
    client.send(random.chance(20) ? text.slice(0, random.below(text.length)) : text);
    if (random.chance(20)) await client.result("server/discover");
  }
  await client.result("server/discover");
  expect(await client.finish()).toEqual({ status: 0, signal: null });
  expect(client.stderr).toBe("");
  expect(client.messages.map(({ text }) => text).filter((text) => !isMessage(JSON.parse(text)))).toEqual([]);
  const answers = client.messages
    .filter(({ id, method }) => id !== undefined && method === undefined)
    .map(({ id }) => id);
  expect(new Set(answers).size).toBe(answers.length);
  // A line that was cut off is in order for nobody; all else that is has its answer.
  expect(inOrder.filter((id) => !answers.includes(id)).length).toBeLessThan(MESSAGES / 20);
});
