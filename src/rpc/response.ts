// Owns writing responses and notifications (M9, W2, W7).

import { RawJson } from "../../protocol/raw.ts";
import { encodeJson } from "../json/encode.ts";
import type { Outcome } from "./request.ts";

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;

/** The bytes of one response: `jsonrpc`, `id`, and `result` or `error`, nothing else. */
export function encodeResponse(id: RawJson, outcome: Outcome): Buffer {
  const head = `{"jsonrpc":"2.0","id":${id},`;
  if ("error" in outcome) return Buffer.from(`${head}"error":${JSON.stringify(outcome.error)}}`);
  const { result } = outcome;
  if (!(result instanceof RawJson)) return Buffer.from(`${head}"result":${encodeJson(result)}}`);
  return Buffer.concat([Buffer.from(`${head}"result":`), result.bytes, Buffer.from("}")]);
}

export function encodeNotification(method: string, params: object): Buffer {
  return Buffer.from(`{"jsonrpc":"2.0","method":${JSON.stringify(method)},"params":${encodeJson(params)}}`);
}

/** A message as it goes out: with a header that is exactly Content-Length, or as one line. */
export function frame(message: Buffer, framing: "headers" | "lines"): Buffer {
  if (framing === "headers") return Buffer.concat([Buffer.from(`Content-Length: ${message.length}\r\n\r\n`), message]);
  // Well-formed JSON holds line ends between its tokens only, where a space is as good.
  for (let at = message.indexOf(NEWLINE); at >= 0; at = message.indexOf(NEWLINE, at)) message[at] = SPACE;
  for (let at = message.indexOf(CARRIAGE_RETURN); at >= 0; at = message.indexOf(CARRIAGE_RETURN, at))
    message[at] = SPACE;
  return Buffer.concat([message, Buffer.from("\n")]);
}
