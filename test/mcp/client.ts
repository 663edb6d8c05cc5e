// A client of MCP for tests: a host that speaks MCP's words, in either way, and holds what comes back to the revision's
// own schema (github.com/modelcontextprotocol/modelcontextprotocol, schema/, without its descriptions).

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect } from "vitest";
import { Host, type HostOptions, type Message } from "../support/host.ts";
import { projectRoot } from "../support/paths.ts";

type Json = Record<string, unknown>;

export const STATELESS = "2026-07-28";
export const LEGACY = "2025-11-25";

const ajv = new Ajv2020({ strict: false, validateFormats: false });
for (const revision of [STATELESS, LEGACY]) {
  const schema = JSON.parse(readFileSync(join(projectRoot, "test", "mcp", "schema", `${revision}.json`), "utf8"));
  ajv.addSchema(schema, revision);
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

function requireForm(revision: string, name: string, value: unknown): void {
  const validate = ajv.getSchema(`${revision}#/$defs/${name}`);
  if (validate === undefined) throw new Error(`${revision} has no ${name}`);
  expect([validate(value), name, validate.errors ?? []]).toEqual([true, name, []]);
}

export interface McpOptions extends HostOptions {
  /** Default: the one without initialize. */
  revision?: string;
  /** Plugins that become tools; default: all of the fixtures. */
  only?: readonly string[];
}

export class McpClient extends Host {
  readonly revision: string;
  private readonly methods = new Map<unknown, string>();
  private lastId = -1;

  constructor({ revision = STATELESS, only = [], args = [], ...others }: McpOptions = {}) {
    super({ verb: ["mcp"], ...others, args: [...only.flatMap((name) => ["--only", name]), ...args] });
    this.revision = revision;
  }

  /** A client that has said what its revision wants to be said first. */
  static async begun(options: McpOptions = {}): Promise<McpClient> {
    const client = new McpClient(options);
    if (client.revision !== STATELESS) await client.initialize();
    return client;
  }

  async initialize(): Promise<Json> {
    const protocolVersion = this.revision;
    const params = { protocolVersion, capabilities: {}, clientInfo: { name: "test", version: "1" } };
    const result = await this.result("initialize", params);
    this.notify("notifications/initialized");
    return result;
  }

  /** Ids begin at 0, as those of the official clients. */
  override start(method: string, params: Json = {}): number {
    const id = ++this.lastId;
    this.methods.set(id, method);
    this.send(JSON.stringify({ jsonrpc: "2.0", id, method, params: this.withMeta(params) }));
    return id;
  }

  withMeta(params: Json): Json {
    if (this.revision !== STATELESS) return params;
    const meta = {
      "io.modelcontextprotocol/protocolVersion": STATELESS,
      "io.modelcontextprotocol/clientCapabilities": {},
      "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
    };
    return { ...params, _meta: { ...meta, ...(params._meta as Json) } };
  }

  /** Calls a tool. @returns its result */
  // biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what a test checks
  call(name: string, args: Json = {}, meta: Json = {}): Promise<any> {
    return this.result("tools/call", { name, arguments: args, ...(Object.keys(meta).length > 0 && { _meta: meta }) });
  }

  startCall(name: string, args: Json = {}, meta: Json = {}): number {
    return this.start("tools/call", { name, arguments: args, ...(Object.keys(meta).length > 0 && { _meta: meta }) });
  }

  /** The text of a result that is an error. */
  async failure(name: string, args: Json = {}): Promise<string> {
    const { isError, content } = await this.call(name, args);
    expect(isError).toBe(true);
    return content[0].text;
  }

  /** Ends it in order, and holds all that it has said to the schema. */
  async over(): Promise<void> {
    expect(await this.finish()).toEqual({ status: 0, signal: null });
    this.requireForms();
  }

  requireForms(): void {
    for (const { text } of this.messages) {
      const message: Message = JSON.parse(text);
      requireForm(this.revision, "JSONRPCMessage", message);
      if (message.method !== undefined) requireForm(this.revision, "ServerNotification", message);
      else if (message.result !== undefined) {
        requireForm(this.revision, results[this.methods.get(message.id) ?? ""] ?? "Result", message.result);
      }
      const code = message.error?.code ?? 0;
      expect([text, code <= -32000 && code >= -32099 && code !== -32022]).toEqual([text, false]);
    }
  }
}
