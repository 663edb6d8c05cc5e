// Owns writing responses and notifications (M9, W2, W7).

import { RawJson } from "../../protocol/raw.ts";
import { encodeJson } from "../json/encode.ts";
import type { RequestId } from "./message.ts";
import type { Outcome } from "./request.ts";

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;

const RESPONSE = '{"jsonrpc":"2.0","id":';

/** A message on its way out: its bytes, and what stands around them, a letter per byte. */
export interface OutgoingMessage {
  readonly head: string;
  /** Of a response, and what stands behind it: texts that are written one after the other are not joined before. */
  readonly id?: RequestId;
  readonly middle?: string;
  readonly body: Uint8Array;
  readonly tail: string;
  /** Whether nobody else needs the body: its memory can be given back when it has left. */
  readonly isOurs: boolean;
}

/** How many bytes it has, without what frames it. */
export function lengthOf({ head, id = "", middle = "", body, tail }: OutgoingMessage): number {
  return head.length + id.length + middle.length + body.length + tail.length;
}

export type ResponseEncoder = (id: RequestId, outcome: Outcome) => OutgoingMessage;

/** One response: `jsonrpc`, `id`, and `result` or `error`, nothing else. */
export function encodeResponse(id: RequestId, outcome: Outcome): OutgoingMessage {
  if ("error" in outcome) {
    return {
      head: RESPONSE,
      id,
      middle: ',"error":',
      body: Buffer.from(JSON.stringify(outcome.error)),
      tail: "}",
      isOurs: true,
    };
  }
  const { result, isGiven } = outcome;
  const isRaw = result instanceof RawJson;
  const body = isRaw ? result.bytes : Buffer.from(encodeJson(result));
  return { head: RESPONSE, id, middle: ',"result":', body, tail: "}", isOurs: isGiven || !isRaw };
}

export function encodeNotification(method: string, params: object): OutgoingMessage {
  const body = Buffer.from(encodeJson(params));
  return { head: `{"jsonrpc":"2.0","method":${JSON.stringify(method)},"params":`, body, tail: "}", isOurs: true };
}

/** What stands before the value in each `plugin/output` of a call. */
export function outputHead(requestId: RequestId): Buffer {
  return Buffer.from(`{"jsonrpc":"2.0","method":"plugin/output","params":{"requestId":${requestId},"value":`, "latin1");
}

/** What stands behind it, by framing. */
export const outputTails = { headers: Buffer.from("}}"), lines: Buffer.from("}}\n") };

/** What stands before each `$/progress` of a call. */
export function progressHead(token: string | number): string {
  return `{"jsonrpc":"2.0","method":"$/progress","params":{"token":${latin1(JSON.stringify(token))},"value":`;
}

/** Text of any letters as heads and tails are: a letter per byte. */
function latin1(text: string): string {
  return Buffer.from(text).toString("latin1");
}

/** Well-formed JSON holds line ends between its tokens only, where a space is as good. That holds for an id, too. */
export function putOnOneLine(body: Uint8Array): void {
  for (let at = body.indexOf(NEWLINE); at >= 0; at = body.indexOf(NEWLINE, at)) body[at] = SPACE;
  for (let at = body.indexOf(CARRIAGE_RETURN); at >= 0; at = body.indexOf(CARRIAGE_RETURN, at)) body[at] = SPACE;
}
