// Writing the client's messages: each in one piece, with its header (W1), and none that dlrpc would not take (W4).

import type { Writable } from "node:stream";
import { AbstractMessageWriter, type Message, type MessageWriter } from "vscode-jsonrpc/node";
import { errorKinds } from "../../../protocol/error-kinds.ts";
import { type DlrpcError, MessageTooLargeError } from "../errors/errors.ts";

/**
 * Params as JSON text. They are encoded before vscode-jsonrpc sees them, for of an error it would keep the message only.
 */
export class EncodedParams {
  readonly text: string;
  /** Is told the request's id, which vscode-jsonrpc has chosen, before the request is sent. */
  readonly onNumbered: (id: number) => void;
  /** Why they were not written. */
  refusal: DlrpcError | undefined;

  /** @throws TypeError where JSON.stringify does: for a BigInt, for a cycle */
  constructor(params: object, onNumbered: (id: number) => void) {
    this.text = JSON.stringify(params);
    this.onNumbered = onNumbered;
  }
}

export class ProgramWriter extends AbstractMessageWriter implements MessageWriter {
  /** What dlrpc says its limit is. It answers a longer message without saying which one it was. */
  maxMessageBytes = Number.POSITIVE_INFINITY;
  private readonly stream: Writable;

  constructor(stream: Writable) {
    super();
    this.stream = stream;
  }

  async write(message: Message & { id?: number; params?: unknown }): Promise<void> {
    const { id, params } = message;
    const body = Buffer.from(encode(message));
    if (body.length > this.maxMessageBytes) throw this.refuse(params, body.length);
    if (id !== undefined && params instanceof EncodedParams) params.onNumbered(id);
    const header = `Content-Length: ${body.length}\r\n\r\n`;
    await new Promise<void>((resolve, reject) => {
      this.stream.write(Buffer.concat([Buffer.from(header), body]), (error) => (error ? reject(error) : resolve()));
    });
  }

  end(): void {
    this.stream.end();
  }

  private refuse(params: unknown, length: number): Error {
    const error = new MessageTooLargeError(
      `The message has ${length} bytes, dlrpc takes no more than ${this.maxMessageBytes}`,
      { data: { hint: errorKinds.MESSAGE_TOO_LARGE.hint } },
    );
    if (params instanceof EncodedParams) params.refusal = error;
    return error;
  }
}

function encode({ params, ...envelope }: Message & { params?: unknown }): string {
  if (!(params instanceof EncodedParams)) return JSON.stringify({ ...envelope, params });
  return `${JSON.stringify(envelope).slice(0, -1)},"params":${params.text}}`;
}
