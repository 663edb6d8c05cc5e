// Owns reading a message: what it is, its id as it was written, its params unparsed (M1 to M5).

import { isUtf8 } from "node:buffer";
import { DlrpcError } from "../../protocol/errors.ts";
import { RawJson } from "../../protocol/raw.ts";
import { JsonSyntaxError, requireEnd, scanArray, scanObject, skipSpace, skipValue } from "../json/scan.ts";
import { invalidParams, type ParamsMembers } from "./params.ts";

export type Message =
  | { type: "request"; id: RawJson; method: string; params: ParamsMembers }
  | { type: "notification"; method: string; params: ParamsMembers }
  | { type: "response" }
  /** Is no request, or one with unusable params; is answered with the error. */
  | { type: "refused"; id: RawJson; error: DlrpcError };

/** A body is one message, or a batch of them (M2). */
export type Body = Message | { type: "batch"; messages: Iterable<Message> };

export const NULL_ID = RawJson.from(null);

/** A batch is answered by one message, which must not become too large to hold. */
const MOST_MESSAGES = 100_000;
/** No method has as many params. What comes after as many is not kept; that they are unknown is clear by then. */
const MOST_MEMBERS = 1000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
const VERSION = '"2.0"';

/** Reads the bytes of one frame. What is wrong with them is part of what is returned. */
export function readBody(bytes: Buffer): Body {
  if (!isUtf8(bytes)) return refused(NULL_ID, new DlrpcError("PARSE_ERROR", "The message is not valid UTF-8"));
  try {
    const start = skipSpace(bytes, BOM.equals(bytes.subarray(0, BOM.length)) ? BOM.length : 0);
    const reader = new MessageReader(bytes);
    const body = bytes[start] === OPEN_BRACKET ? reader.batch(start) : reader.message(start);
    requireEnd(bytes, reader.end);
    return body;
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    return refused(NULL_ID, new DlrpcError("PARSE_ERROR", `The message is not JSON: ${error.message}`));
  }
}

/** The envelope as it was found: spans of the values, by member. Of a member given twice the last counts. */
interface Envelope {
  jsonrpc?: RawJson;
  id?: RawJson;
  method?: RawJson;
  params?: RawJson;
  paramsMembers?: Map<string, RawJson>;
  isResponse: boolean;
}

class MessageReader {
  /** Where the value that was read last ended. */
  end = 0;
  private readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  batch(start: number): Body {
    let size = 0;
    this.end = scanArray(this.bytes, start, (at) => {
      size++;
      return skipValue(this.bytes, at);
    });
    if (size === 0) return refused(NULL_ID, invalidRequest("a batch holds at least one message"));
    if (size > MOST_MESSAGES) {
      return refused(NULL_ID, invalidRequest(`a batch holds at most ${MOST_MESSAGES} messages, this one ${size}`));
    }
    return { type: "batch", messages: this.elements(start) };
  }

  /** The messages of the well-formed array at `start`, each read when it is wanted: all at once would fill the memory. */
  private *elements(start: number): Generator<Message> {
    for (let at = start; at === start || this.bytes[at] === COMMA; at = skipSpace(this.bytes, this.end)) {
      yield this.message(skipSpace(this.bytes, at + 1));
    }
  }

  message(start: number): Message {
    if (this.bytes[start] !== OPEN_BRACE) {
      this.end = skipValue(this.bytes, start);
      return refused(NULL_ID, invalidRequest("a message is a JSON object"));
    }
    const envelope: Envelope = { isResponse: false };
    this.end = scanObject(this.bytes, start, (key, at) => this.member(envelope, key, at));
    return interpret(envelope);
  }

  private member(envelope: Envelope, key: string, at: number): number {
    switch (key) {
      case "params": {
        delete envelope.paramsMembers;
        const end = this.bytes[at] === OPEN_BRACE ? this.params(envelope, at) : skipValue(this.bytes, at);
        envelope.params = this.raw(at, end);
        return end;
      }
      case "jsonrpc":
      case "id":
      case "method": {
        const end = skipValue(this.bytes, at);
        envelope[key] = this.raw(at, end);
        return end;
      }
      case "result":
      case "error":
        envelope.isResponse = true;
        return skipValue(this.bytes, at);
      default:
        return skipValue(this.bytes, at);
    }
  }

  /** One pass serves both: that the text is well-formed, and where the members are. */
  private params(envelope: Envelope, start: number): number {
    const members = new Map<string, RawJson>();
    envelope.paramsMembers = members;
    return scanObject(this.bytes, start, (key, at) => {
      const end = skipValue(this.bytes, at);
      if (members.size < MOST_MEMBERS || members.has(key)) members.set(key, this.raw(at, end));
      return end;
    });
  }

  private raw(start: number, end: number): RawJson {
    return new RawJson(this.bytes.subarray(start, end));
  }
}

function interpret(envelope: Envelope): Message {
  const { id, method } = envelope;
  if (id !== undefined && !isId(id)) return refused(NULL_ID, invalidRequest("id is a string, a number or null"));
  const refuse = (problem: string) => refused(id ?? NULL_ID, invalidRequest(problem));
  if (envelope.jsonrpc?.toString() !== VERSION) return refuse('`jsonrpc` is "2.0"');
  if (method === undefined) return envelope.isResponse ? { type: "response" } : refuse("`method` is missing");
  if (method.bytes[0] !== QUOTE) return refuse("`method` is a string");

  const name = method.parse() as string;
  const params = paramsOf(envelope);
  if (id === undefined) {
    // A notification is never answered, not even one that is wrong.
    return { type: "notification", method: name, params: params instanceof DlrpcError ? new Map() : params };
  }
  if (params instanceof DlrpcError) return refused(id, params);
  return { type: "request", id, method: name, params };
}

/** M4: an object, or one of the ways in which clients write that there is none. */
function paramsOf({ params, paramsMembers }: Envelope): ParamsMembers | DlrpcError {
  if (paramsMembers !== undefined) return paramsMembers;
  if (params === undefined) return new Map();
  const text = params.toString();
  if (text === "null" || /^\[\s*\]$/.test(text)) return new Map();
  if (text.startsWith("[")) return invalidParams([{ path: "", message: "must be an object, not an array" }]);
  return invalidRequest("`params` is an object");
}

function isId({ bytes }: RawJson): boolean {
  const first = bytes[0];
  return (
    first === QUOTE || first === 0x6e || first === MINUS || (first !== undefined && first >= 0x30 && first <= 0x39)
  );
}

function invalidRequest(needed: string): DlrpcError {
  return new DlrpcError("INVALID_REQUEST", `Not a JSON-RPC 2.0 request: ${needed}`);
}

function refused(id: RawJson, error: DlrpcError): Message {
  return { type: "refused", id, error };
}
