// Owns the conversation with one host: messages in, each request answered once, batches, cancellation (M1 to M9).

import type { Readable } from "node:stream";
import { DlrpcError } from "../../protocol/errors.ts";
import type { RawJson } from "../../protocol/raw.ts";
import { logDefect } from "../observe/log.ts";
import { DetectingReader, type Framing } from "./framing.ts";
import { type Message, NULL_ID, readBody } from "./message.ts";
import { Outlet } from "./outlet.ts";
import type { ParamsMembers } from "./params.ts";
import { IncomingRequest, type Outcome } from "./request.ts";
import { encodeBatch, encodeNotification, encodeResponse, frame } from "./response.ts";

export interface ConnectionOptions {
  readonly input: Readable;
  /** A descriptor that nobody else writes to. */
  readonly outputDescriptor: number;
  readonly framing: Framing;
  readonly maxMessageBytes: number;
  readonly handlers: ConnectionHandlers;
}

export interface ConnectionHandlers {
  /** Answers the request, now or later, once. What it throws is the answer, too. */
  request(request: IncomingRequest): void;
  notification(method: string, params: ParamsMembers): void;
  /** The host reads again, after it had been behind. */
  caughtUp(): void;
  /** The host has closed its end; everything that it sent has been passed on. */
  ended(): void;
  /** The host does not read any more. */
  outputClosed(): void;
}

const CANCEL = "$/cancelRequest";

export class Connection {
  private readonly handlers: ConnectionHandlers;
  private readonly input: Readable;
  private readonly outlet: Outlet;
  private readonly reader: DetectingReader;
  /** Requests that wait for their answer, by the text of their id (M3). */
  private readonly inFlight = new Map<string, IncomingRequest>();
  private unanswered = 0;
  private onIdle: (() => void) | undefined;

  constructor({ input, outputDescriptor, framing, maxMessageBytes, handlers }: ConnectionOptions) {
    this.handlers = handlers;
    this.input = input;
    this.outlet = new Outlet(outputDescriptor, {
      drained: () => {
        input.resume();
        handlers.caughtUp();
      },
      closed: () => handlers.outputClosed(),
    });
    this.reader = new DetectingReader(framing, maxMessageBytes, {
      message: (body) => this.receive(body),
      broken: (error) => this.send(encodeResponse(NULL_ID, { error })),
    });
    input.on("data", (chunk: Buffer) => {
      this.reader.push(chunk);
      if (this.outlet.isFull) input.pause();
    });
    input.once("end", () => {
      this.reader.end();
      handlers.ended();
    });
    input.once("error", (error) => {
      logDefect(error);
      handlers.ended();
    });
  }

  /** Whether the host is behind with reading: what need not be said is better left out. */
  get isFull(): boolean {
    return this.outlet.isFull;
  }

  notify(method: string, params: object): void {
    this.send(encodeNotification(method, params));
  }

  /** Resolves when every request has its answer. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.unanswered === 0) resolve();
      else this.onIdle = resolve;
    });
  }

  /** Resolves when every answer so far has been handed to the system; nothing can be sent afterwards. */
  flush(): Promise<void> {
    this.input.destroy();
    return this.outlet.flush();
  }

  private receive(bytes: Buffer): void {
    const body = readBody(bytes);
    if (body.type !== "batch") return this.handle(body, (response) => this.send(response));
    const { messages } = body;
    const responses: Buffer[] = [];
    let awaited = messages.filter(({ type }) => type === "request" || type === "refused").length;
    for (const message of messages) {
      this.handle(message, (response) => {
        responses.push(response);
        if (--awaited === 0) this.send(encodeBatch(responses));
      });
    }
  }

  private handle(message: Message, respond: (response: Buffer) => void): void {
    switch (message.type) {
      case "response":
        return; // dlrpc asks nothing of its host
      case "refused":
        return respond(encodeResponse(message.id, message));
      case "notification":
        return this.handleNotification(message.method, message.params);
      case "request":
        return this.handleRequest(message, respond);
    }
  }

  private handleNotification(method: string, params: ParamsMembers): void {
    if (method !== CANCEL) return this.handlers.notification(method, params);
    const id = params.get("id");
    if (id !== undefined) this.inFlight.get(id.toString())?.cancel();
  }

  private handleRequest(
    { id, method, params }: { id: RawJson; method: string; params: ParamsMembers },
    respond: (response: Buffer) => void,
  ): void {
    const key = id.toString();
    const tracked = key !== "null"; // exempt: a host that sends it cannot tell answers apart anyway
    if (tracked && this.inFlight.has(key)) {
      const error = new DlrpcError("DUPLICATE_ID", `The id ${key.slice(0, 80)} belongs to a request in flight`);
      return respond(encodeResponse(id, { error }));
    }
    const request = new IncomingRequest(id, method, params, (outcome: Outcome) => {
      if (tracked) this.inFlight.delete(key);
      respond(encodeResponse(id, outcome));
      if (--this.unanswered === 0) this.onIdle?.();
    });
    this.unanswered++;
    if (tracked) this.inFlight.set(key, request);
    try {
      this.handlers.request(request);
    } catch (error) {
      request.reject(error);
    }
  }

  private send(message: Buffer): void {
    this.outlet.write(frame(message, this.reader.framing));
  }
}
