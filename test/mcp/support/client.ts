// A client of MCP for tests: a host that speaks MCP's words, in either way, and holds what comes back to the revision's
// own schema.

import { expect } from "vitest";
import { Host, type HostOptions } from "../../support/host.ts";
import { LEGACY, requireServerForm, STATELESS } from "./forms.ts";

type Json = Record<string, unknown>;

export { LEGACY, STATELESS };

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
      const message = JSON.parse(text);
      requireServerForm(this.revision, message, this.methods.get(message.id));
    }
  }
}
