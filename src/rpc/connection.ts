// Owns the conversation with one host: messages in, each request answered once, batches, cancellation (M1 to M9).

import type { Readable } from "node:stream";
import { DlrpcError } from "../../protocol/errors.ts";
import { RawJson } from "../../protocol/raw.ts";
import { logDefect } from "../observe/log.ts";
import { BatchAnswer } from "./batch.ts";
import { DetectingReader, type Framing } from "./framing.ts";
import { InFlight, type Place } from "./in-flight.ts";
import { type Message, NULL_ID, readBody } from "./message.ts";
import { Outlet } from "./outlet.ts";
import type { ParamsMembers } from "./params.ts";
import { IncomingRequest, type Outcome } from "./request.ts";
import { encodeNotification, encodeResponse, frame } from "./response.ts";

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

/** How many messages of the largest size the requests in flight may take, and the answers to one batch. */
const HELD_MESSAGES = 4;
const LEAST_HELD_BYTES = 64 * 1024 * 1024;

/** Answers one message, alone or as part of a batch. */
type Respond = (id: RawJson, outcome: Outcome) => void;

export class Connection {
  private readonly handlers: ConnectionHandlers;
  private readonly input: Readable;
  private readonly outlet: Outlet;
  private readonly reader: DetectingReader;
  private readonly maxHeldBytes: number;
  private readonly inFlight: InFlight;
  private onIdle: (() => void) | undefined;

  constructor({ input, outputDescriptor, framing, maxMessageBytes, handlers }: ConnectionOptions) {
    this.handlers = handlers;
    this.input = input;
    this.maxHeldBytes = Math.max(HELD_MESSAGES * maxMessageBytes, LEAST_HELD_BYTES);
    this.inFlight = new InFlight(this.maxHeldBytes);
    this.outlet = new Outlet(outputDescriptor, {
      drained: () => {
        input.resume();
        handlers.caughtUp();
      },
      closed: () => handlers.outputClosed(),
    });
    this.reader = new DetectingReader(framing, maxMessageBytes, {
      message: (body) => this.receive(body),
      broken: (error) => this.respond(NULL_ID, { error }),
    });
    input.on("data", (chunk: Buffer) => this.reader.push(chunk));
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

  /** Whether so much waits for the host that no more should be made (W7). */
  get isFarBehind(): boolean {
    return this.outlet.waitingBytes > this.maxHeldBytes;
  }

  notify(method: string, params: object): void {
    this.send(encodeNotification(method, params));
  }

  /** Resolves when every request has its answer. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.inFlight.isEmpty) resolve();
      else this.onIdle = resolve;
    });
  }

  /** Answers every request that still waits with `error()`: there is no time left for its own answer (M6). */
  abandon(error: () => DlrpcError): void {
    for (const request of this.inFlight.all) request.abandon(error());
  }

  /** Resolves when every answer so far has been handed to the system; nothing can be sent afterwards. */
  flush(): Promise<void> {
    this.input.destroy();
    return this.outlet.flush();
  }

  private receive(bytes: Buffer): void {
    const body = readBody(bytes);
    if (body.type !== "batch") return this.handle(body, (id, outcome) => this.respond(id, outcome));
    const answer = new BatchAnswer(this.maxHeldBytes, (message) => this.send(message));
    for (const message of body.messages) {
      if (message.type === "request" || message.type === "refused") answer.expect();
      this.handle(message, (id, outcome) => answer.add(id, outcome));
    }
    answer.complete();
  }

  private handle(message: Message, respond: Respond): void {
    switch (message.type) {
      case "response":
        return; // dlrpc asks nothing of its host
      case "refused":
        return respond(message.id, message);
      case "notification":
        return this.handleNotification(message.method, message.params);
      case "request":
        return this.handleRequest(message, respond);
    }
  }

  private handleNotification(method: string, params: ParamsMembers): void {
    if (method !== CANCEL) return this.handlers.notification(method, params);
    const id = params.get("id");
    if (id !== undefined) this.inFlight.find(id)?.cancel();
  }

  private handleRequest(message: Message & { type: "request" }, respond: Respond): void {
    const { method, params } = message;
    const id = new RawJson(Buffer.from(message.id.bytes)); // a copy: it must not hold the whole message
    let place: Place;
    try {
      place = this.inFlight.enter(id, params);
    } catch (error) {
      if (!(error instanceof DlrpcError)) throw error;
      return respond(id, { error });
    }
    const request: IncomingRequest = new IncomingRequest(id, method, params, (outcome) => {
      this.inFlight.leave(place, request);
      respond(id, outcome);
      if (this.inFlight.isEmpty) this.onIdle?.();
    });
    this.inFlight.seat(place, request);
    try {
      this.handlers.request(request);
    } catch (error) {
      request.reject(error);
    }
  }

  private respond(id: RawJson, outcome: Outcome): void {
    this.send(encodeResponse(id, outcome));
  }

  /** While the host is behind, nothing more is read from it (W7). */
  private send(message: Buffer): void {
    this.outlet.write(frame(message, this.reader.framing));
    if (this.outlet.isFull) this.input.pause();
  }
}
