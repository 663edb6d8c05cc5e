// Holds messages of MCP to the JSON schema of their revision (schema/).

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect } from "vitest";
import { projectRoot } from "../../support/paths.ts";

export interface McpMessage {
  id?: string | number;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { code: number };
}

export const STATELESS = "2026-07-28";
export const LEGACY = "2025-11-25";

const options = { strict: false, validateFormats: false };
const draft7 = { ajv: new Ajv(options), definitions: "definitions" };
const draft2020 = { ajv: new Ajv2020(options), definitions: "$defs" };
/** What each revision's schema is written in. */
const dialects: Readonly<Record<string, typeof draft7 | typeof draft2020>> = {
  [STATELESS]: draft2020,
  [LEGACY]: draft2020,
  "2025-06-18": draft7,
  "2025-03-26": draft7,
  "2024-11-05": draft7,
};

for (const [revision, { ajv }] of Object.entries(dialects)) {
  ajv.addSchema(
    JSON.parse(readFileSync(join(projectRoot, "test", "mcp", "schema", `${revision}.json`), "utf8")),
    revision,
  );
}

/** What the result of each method is called in the schemas. */
const results: Readonly<Record<string, string>> = {
  initialize: "InitializeResult",
  ping: "EmptyResult",
  "server/discover": "DiscoverResult",
  "tools/list": "ListToolsResult",
  "tools/call": "CallToolResult",
  "subscriptions/listen": "SubscriptionsListenResult",
};

/** The errors of MCP's own that dlrpc answers with, by their codes; those of JSON-RPC have one form for all. */
const errors: Readonly<Record<number, string>> = { [-32022]: "UnsupportedProtocolVersionError" };

/** @param method of the request that it answers, where it answers one */
export function requireServerForm(revision: string, message: McpMessage, method?: string): void {
  requireForm(revision, "JSONRPCMessage", message);
  if (message.method !== undefined) requireForm(revision, "ServerNotification", message);
  else if (message.result !== undefined) requireForm(revision, results[method ?? ""] ?? "Result", message.result);
  const code = message.error?.code ?? 0;
  if (code > -32000 || code < -32099) return;
  expect([message, errors[code]]).toEqual([message, expect.any(String)]);
  requireForm(revision, errors[code] ?? "", message);
}

export function requireClientForm(revision: string, message: McpMessage): void {
  requireForm(revision, "JSONRPCMessage", message);
  requireForm(revision, message.id === undefined ? "ClientNotification" : "ClientRequest", message);
}

/** Whether it is a message of either way of MCP. */
export function isMessage(value: unknown): boolean {
  return [STATELESS, LEGACY].some((revision) => validatorOf(revision, "JSONRPCMessage")(value));
}

function validatorOf(revision: string, name: string) {
  const dialect = dialects[revision];
  const validate = dialect?.ajv.getSchema(`${revision}#/${dialect.definitions}/${name}`);
  if (validate === undefined) throw new Error(`The schema of ${revision} has no ${name}`);
  return validate;
}

function requireForm(revision: string, name: string, value: unknown): void {
  const validate = validatorOf(revision, name);
  expect([validate(value), value, name, validate.errors ?? []]).toEqual([true, value, name, []]);
}
