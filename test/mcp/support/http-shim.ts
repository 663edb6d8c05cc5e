// MCP over HTTP in front of `dlrpc mcp`, for clients that speak nothing else: as little of it as they need. Each session has
// a process of its own, and so has each request of the revision without sessions.

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Host, type HostOptions, type Message } from "../../support/host.ts";
import { STATELESS } from "./forms.ts";

/** The status of a response that is an error, where that is not 400. */
const statuses: Readonly<Record<number, number>> = { [-32601]: 404 };

/** A request that is being answered. */
interface Exchange {
  readonly response: ServerResponse;
  readonly progressToken: unknown;
}

export class HttpShim implements AsyncDisposable {
  private readonly options: HostOptions;
  private readonly sessions = new Map<string, Session>();
  private readonly server = createServer((request, response) => {
    this.handle(request, response).catch((error: unknown) => response.destroy(error as Error));
  });

  private constructor(options: HostOptions) {
    this.options = options;
  }

  static async start(options: HostOptions): Promise<HttpShim> {
    const shim = new HttpShim(options);
    await once(shim.server.listen(0, "localhost"), "listening");
    return shim;
  }

  get url(): string {
    return `http://localhost:${(this.server.address() as AddressInfo).port}/mcp`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    for (const session of this.sessions.values()) await session.end();
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = `${request.headers["mcp-session-id"] ?? ""}`;
    if (request.method === "DELETE") {
      await this.sessions.get(id)?.end();
      this.sessions.delete(id);
      response.end();
      return;
    }
    if (request.method !== "POST") {
      response.writeHead(405).end();
      return;
    }
    const body = await text(request);
    const session = id === "" ? this.begin(request, response) : this.sessions.get(id);
    if (session === undefined) response.writeHead(404).end();
    else session.pass(body, response);
  }

  private begin(request: IncomingMessage, response: ServerResponse): Session {
    const session = new Session(this.options);
    const id = randomUUID();
    this.sessions.set(id, session);
    if (request.headers["mcp-protocol-version"] === STATELESS) {
      response.once("close", () => {
        session.end().catch((error: unknown) => response.destroy(error as Error));
        this.sessions.delete(id);
      });
    } else response.setHeader("mcp-session-id", id);
    return session;
  }
}

class Session {
  private readonly host: Host;
  private readonly exchanges = new Map<unknown, Exchange>();

  constructor(options: HostOptions) {
    this.host = new Host({ ...options, verb: ["mcp"] });
    this.host.onMessage = (message) => {
      this.route(message);
      return true;
    };
  }

  /** @param body a message, on one line */
  pass(body: string, response: ServerResponse): void {
    const { id, params } = JSON.parse(body);
    if (id === undefined) response.writeHead(202).end();
    else this.exchanges.set(id, { response, progressToken: params?._meta?.progressToken });
    this.host.send(body);
  }

  async end(): Promise<void> {
    await this.host.finish();
  }

  private route({ id, params, error, text }: Message): void {
    const isResponse = id !== undefined;
    const exchange = isResponse ? this.exchanges.get(id) : this.exchangeOf(params?.progressToken);
    if (exchange === undefined) return; // nobody has a stream for it
    const { response } = exchange;
    if (error !== undefined && !response.headersSent) {
      response.writeHead(statuses[error.code] ?? 400, { "content-type": "application/json" }).end(text);
      return;
    }
    if (!response.headersSent) response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`data: ${text}\n\n`);
    if (isResponse) response.end();
  }

  /** The one that a notification is about: without a token, whichever is there. */
  private exchangeOf(token: unknown): Exchange | undefined {
    const all = [...this.exchanges.values()];
    return token === undefined ? all.at(-1) : all.find(({ progressToken }) => progressToken === token);
  }
}
