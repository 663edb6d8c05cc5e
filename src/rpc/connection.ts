// Owns the conversation with one host: messages in, each request answered once, batches, cancellation (M1 to M9).

import { DlrpcError } from "../../protocol/errors.ts";
import { indexedParams } from "../../protocol/fast-path.ts";
import { log } from "../observe/log.ts";
import { Deferred } from "../platform/both-halves/promises.ts";
import { BatchAnswer, type BatchEvents } from "./batch.ts";
import { DetectingReader, type Framing } from "./framing/framing.ts";
import { type Input, openInput } from "./framing/input.ts";
import { InFlight } from "./in-flight.ts";
import { type Message, MessageReader, NULL_ID, type RequestId } from "./message.ts";
import { MessageWriter } from "./message-writer.ts";
import { Params } from "./params.ts";
import { type AnswerSink, IncomingRequest, type Outcome } from "./request.ts";
import {
  encodeNotification,
  encodeResponse,
  type OutgoingMessage,
  outputTails,
  putOnOneLine,
  type ResponseEncoder,
} from "./response.ts";

/** What protocols on JSON-RPC have each their own way of. */
export interface Dialect {
  /** The notification that cancels a request, and the member of its params that is the request's id. */
  readonly cancel: { readonly method: string; readonly id: string };
  /** Writes responses. */
  readonly encode: ResponseEncoder;
  /** The params that are indexed when a request is read. */
  readonly indexed: readonly string[];
}

export interface ConnectionOptions {
  readonly inputDescriptor: number;
  /** A descriptor that nobody else writes to. */
  readonly outputDescriptor: number;
  readonly framing: Framing;
  readonly maxMessageBytes: number;
  readonly handlers: ConnectionHandlers;
  /** Default: dlrpc's own protocol. */
  readonly dialect?: Dialect;
}

export interface ConnectionHandlers {
  /** Answers the request, now or later, once. What it throws is the answer, too. */
  request(request: IncomingRequest): void;
  /** A request was answered with an error before anybody was asked. */
  refused(method: string, error: DlrpcError, params: Params): void;
  notification(method: string): void;
  /** The host reads again, after it had been behind. */
  caughtUp(): void;
  /** The host has closed its end; everything that it sent has been passed on. */
  ended(): void;
  /** The host does not read any more. */
  outputClosed(): void;
}

const ownDialect: Dialect = {
  cancel: { method: "$/cancelRequest", id: "id" },
  encode: encodeResponse,
  indexed: indexedParams,
};

/** How many messages of the largest size the requests in flight may take, and the answers to one batch. */
const HELD_MESSAGES = 4;
const LEAST_HELD_BYTES = 64 * 1024 * 1024;

/** What a request takes beside what its sender wrote: its place in queues, timers, promises. */
const OVERHEAD_BYTES = 4096;

export class Connection implements AnswerSink, BatchEvents {
  readonly encode: ResponseEncoder;
  private readonly cancelling: Dialect["cancel"];
  private readonly handlers: ConnectionHandlers;
  private readonly input: Input;
  private readonly writer: MessageWriter;
  private readonly reader: DetectingReader;
  private readonly messages: MessageReader;
  private readonly maxHeldBytes: number;
  private readonly inFlight: InFlight;
  private onIdle: (() => void) | undefined;

  constructor(options: ConnectionOptions) {
    const { inputDescriptor, outputDescriptor, framing, maxMessageBytes, handlers, dialect = ownDialect } = options;
    this.encode = dialect.encode;
    this.cancelling = dialect.cancel;
    this.messages = new MessageReader(dialect.indexed);
    this.handlers = handlers;
    this.maxHeldBytes = Math.max(HELD_MESSAGES * maxMessageBytes, LEAST_HELD_BYTES);
    this.inFlight = new InFlight(this.maxHeldBytes);
    this.writer = new MessageWriter(outputDescriptor, {
      drained: () => {
        this.input.resume();
        handlers.caughtUp();
      },
      closed: () => handlers.outputClosed(),
    });
    this.reader = new DetectingReader(framing, maxMessageBytes, {
      message: (bytes, from, to) => this.receive(bytes, from, to),
      broken: (error) => this.respond(NULL_ID, { error }),
    });
    this.input = openInput(inputDescriptor, {
      chunk: (bytes) => {
        this.reader.push(bytes);
        return this.reader.isInMessage;
      },
      room: () => this.reader.room(),
      filled: (bytes) => {
        this.reader.filled(bytes);
        return this.reader.isInMessage;
      },
      ended: () => {
        this.reader.end();
        handlers.ended();
      },
      failed: (error) => {
        log("error", `stdin cannot be read any more: ${error.message}`);
        handlers.ended();
      },
    });
  }

  /** Whether the host is behind with reading: what need not be said is better left out. */
  get isFull(): boolean {
    return this.writer.isFull;
  }

  /** Whether so much waits for the host that no more should be made (W7). */
  get isFarBehind(): boolean {
    return this.writer.waitingBytes > this.maxHeldBytes;
  }

  notify(method: string, params: object): void {
    this.send(encodeNotification(method, params));
  }

  /**
   * Passes on a partial result: there may be any number of them, and only the value differs.
   * @param head of `outputHead`
   * @param value valid until this returns, or for good, and given away, where it is large
   */
  output(head: Uint8Array, value: Uint8Array): void {
    const { framing } = this.reader;
    const tail = outputTails[framing];
    if (framing === "lines") putOnOneLine(value);
    const length = head.length + value.length + tail.length;
    this.writer.writePieces(framing === "lines" ? "" : `Content-Length: ${length}\r\n\r\n`, head, value, tail);
    if (this.writer.isFull) this.input.pause();
  }

  /** What was sent so far leaves now. */
  sendNow(): void {
    this.writer.writeNow();
  }

  /** Resolves when every request has its answer. */
  idle(): Promise<void> {
    const idle = new Deferred();
    if (this.inFlight.isEmpty) idle.resolve();
    else this.onIdle = idle.resolve;
    return idle.promise;
  }

  /** Answers every request that still waits with `error()`: there is no time left for its own answer (M6). */
  abandon(error: () => DlrpcError): void {
    for (const request of this.inFlight.all) request.abandon(error());
  }

  /** Resolves when every answer so far has been handed to the system; nothing can be sent afterwards. */
  flush(): Promise<void> {
    this.input.destroy();
    return this.writer.flush();
  }

  answered(request: IncomingRequest, outcome: Outcome): void {
    this.respond(request.id, outcome);
    this.left(request);
  }

  respond(id: RequestId, outcome: Outcome): void {
    this.send(this.encode(id, outcome));
  }

  dropped(request: IncomingRequest): void {
    this.left(request);
  }

  left(request: IncomingRequest): void {
    this.inFlight.leave(request);
    if (this.inFlight.isEmpty) this.onIdle?.();
  }

  /** While the host is behind, nothing more is read from it (W7). */
  send(message: OutgoingMessage): void {
    this.writer.write(message, this.reader.framing);
    if (this.writer.isFull) this.input.pause();
  }

  private receive(bytes: Buffer, from: number, to: number): void {
    const body = this.messages.read(bytes, from, to);
    if (body.type !== "batch") return this.handle(body, this);
    const batch = new BatchAnswer(this.maxHeldBytes, this);
    for (const message of body.messages) {
      if (message.type === "request" || message.type === "refused") batch.expect();
      this.handle(message, batch);
    }
    batch.complete();
  }

  /** @param sink the batch, where the message is part of one */
  private handle(message: Message, sink: AnswerSink): void {
    switch (message.type) {
      case "response":
        return; // dlrpc asks nothing of its host
      case "refused":
        if (message.method !== undefined) this.handlers.refused(message.method, message.error, Params.none);
        return sink.respond(message.id, { error: message.error });
      case "notification":
        return this.handleNotification(message.method, message.params);
      case "request":
        return this.handleRequest(message, sink);
    }
  }

  private handleNotification(method: string, params: Params): void {
    if (method !== this.cancelling.method) return this.handlers.notification(method);
    const id = params.members().get(this.cancelling.id);
    if (id !== undefined) this.inFlight.find(Buffer.from(id.bytes).toString("latin1"))?.cancel();
  }

  private handleRequest({ id, method, params }: Message & { type: "request" }, sink: AnswerSink): void {
    const request = new IncomingRequest(id, method, params, OVERHEAD_BYTES + id.length, sink);
    try {
      this.inFlight.enter(request);
    } catch (error) {
      if (!(error instanceof DlrpcError)) throw error;
      this.handlers.refused(method, error, params);
      return sink.respond(id, { error });
    }
    try {
      this.handlers.request(request);
    } catch (error) {
      request.reject(error);
    }
  }
}
