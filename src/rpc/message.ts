// Owns reading a message: what it is, its id as it was written, where its params are (M1 to M5).

import { isUtf8 } from "node:buffer";
import { DlrpcError } from "../../protocol/errors.ts";
import { LARGE_BYTES, RawJson } from "../../protocol/raw.ts";
import { JsonSyntaxError, requireEnd, scanArray, scanObject, skipSpace, skipValue, spaceBefore } from "../json/scan.ts";
import { Scanner } from "../json/scanner/scanner.ts";
import { invalidParams, type MemberIndex, Params } from "./params.ts";
import { isAt, RepeatedString } from "./repeated-string.ts";

/** An id as it was written (M3): its bytes, a letter for each. Two are the same when their texts are. */
export type RequestId = string;

export type Message =
  | { type: "request"; id: RequestId; method: string; params: Params }
  | { type: "notification"; method: string; params: Params }
  | { type: "response" }
  /** Is no request, or one of `method` with unusable params; is answered with the error. */
  | { type: "refused"; id: RequestId; error: DlrpcError; method?: string };

/** A body is one message, or a batch of them (M2). */
export type Body = Message | { type: "batch"; messages: Iterable<Message> };

export const NULL_ID: RequestId = "null";

/** A batch is answered by one message, which must not become too large to hold. */
const MOST_MESSAGES = 100_000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
const VERSION = Buffer.from('"2.0"');

const envelope = ["params", "jsonrpc", "id", "method", "result", "error"] as const;
const [PARAMS, JSONRPC, ID, METHOD, RESULT, ERROR] = [0, 1, 2, 3, 4, 5] as const;

/** Reads messages, and indexes certain params of theirs on the way. */
export class MessageReader {
  private readonly scanner: Scanner;
  /** Where the scanner has seen the params; valid until it scans again. */
  private readonly memberIndex: MemberIndex;
  private readonly method = new RepeatedString();

  /** @param indexed the params that are looked for, at most 15 of at most 28 letters */
  constructor(indexed: readonly string[]) {
    const scanner = new Scanner(envelope, indexed);
    this.scanner = scanner;
    this.memberIndex = { start: (index) => scanner.innerStart(index), end: (index) => scanner.innerEnd(index) };
  }

  /**
   * Reads the bytes of one frame. What is wrong with them is part of what is returned.
   * @param bytes a chunk, which does not change while there are frames in it, or the frame alone
   */
  read(bytes: Buffer, from: number, to: number): Body {
    const { scanner } = this;
    const end = spaceBefore(bytes, to);
    if (bytes[from] !== OPEN_BRACE || !scanner.isValue(bytes, from, end))
      return this.readOther(bytes.subarray(from, to));
    return scanner.isAscii || isUtf8(bytes.subarray(from, end)) ? this.readMessage(bytes, from) : notUtf8();
  }

  /** Reads what is no object, or not just one. */
  private readOther(bytes: Buffer): Body {
    const { scanner } = this;
    try {
      const start = skipSpace(bytes, bytes[0] === BOM[0] && BOM.equals(bytes.subarray(0, BOM.length)) ? BOM.length : 0);
      if (bytes[start] === OPEN_BRACKET) return this.readBatch(bytes, start);
      const end = scanner.scan(bytes, start, bytes.length);
      if (end !== bytes.length) requireEnd(bytes, end);
      if (!scanner.isAscii && !isUtf8(bytes)) return notUtf8();
      return this.readMessage(bytes, start);
    } catch (error) {
      if (!(error instanceof JsonSyntaxError)) throw error;
      if (!isUtf8(bytes)) return notUtf8();
      return refused(NULL_ID, new DlrpcError("PARSE_ERROR", `The message is not JSON: ${error.message}`));
    }
  }

  /** @throws JsonSyntaxError */
  private readBatch(bytes: Buffer, start: number): Body {
    let size = 0;
    const end = scanArray(bytes, start, (at) => {
      size++;
      return skipValue(bytes, at);
    });
    requireEnd(bytes, end);
    if (!isUtf8(bytes)) return notUtf8();
    if (size === 0) return refused(NULL_ID, invalidRequest("a batch holds at least one message"));
    if (size > MOST_MESSAGES) {
      return refused(NULL_ID, invalidRequest(`a batch holds at most ${MOST_MESSAGES} messages, this one ${size}`));
    }
    return { type: "batch", messages: this.elements(bytes, start) };
  }

  /** The messages of the well-formed array at `start`, each read when it is wanted: all at once would fill the memory. */
  private *elements(bytes: Buffer, start: number): Generator<Message> {
    for (let at = start; at === start || bytes[at] === COMMA; ) {
      const begin = skipSpace(bytes, at + 1);
      const end = this.scanner.scan(bytes, begin, bytes.length, FIRST_BYTES);
      yield end - begin < LARGE_BYTES ? this.readMessage(bytes, begin) : this.readCopy(bytes.subarray(begin, end));
      at = skipSpace(bytes, end);
    }
  }

  /** Large bytes have memory of their own (protocol/raw.ts). */
  private readCopy(part: Buffer): Message {
    const message = Buffer.from(part);
    this.scanner.scan(message, 0, message.length);
    return this.readMessage(message, 0);
  }

  /** Reads the message at `start`, which the scanner has just read. */
  private readMessage(bytes: Buffer, start: number): Message {
    const { scanner } = this;
    if (bytes[start] !== OPEN_BRACE) return refused(NULL_ID, invalidRequest("a message is a JSON object"));
    const spans: MemberIndex = scanner.hasEscapedNames ? decodedSpans(bytes, start) : scanner;

    const idAt = spans.start(ID);
    if (idAt !== 0 && !isId(bytes[idAt])) return refused(NULL_ID, invalidRequest("id is a string, a number or null"));
    const id = idAt === 0 ? undefined : idText(bytes, idAt, spans.end(ID));

    if (!isVersion(bytes, spans.start(JSONRPC), spans.end(JSONRPC))) return notRequest(id, '`jsonrpc` is "2.0"');
    const methodAt = spans.start(METHOD);
    if (methodAt === 0) {
      const isResponse = spans.start(RESULT) !== 0 || spans.start(ERROR) !== 0;
      return isResponse ? { type: "response" } : notRequest(id, "`method` is missing");
    }
    if (bytes[methodAt] !== QUOTE) return notRequest(id, "`method` is a string");
    const method = this.method.at(bytes, methodAt, spans.end(METHOD));
    const params = this.readParams(bytes, spans.start(PARAMS), spans.end(PARAMS), spans === scanner);
    if (id === undefined) {
      // A notification is never answered, not even one that is wrong.
      return { type: "notification", method, params: params instanceof DlrpcError ? Params.none : params };
    }
    if (params instanceof DlrpcError) return { type: "refused", id, error: params, method };
    return { type: "request", id, method, params };
  }

  /** M4: an object, or one of the ways in which clients write that there is none. */
  private readParams(bytes: Buffer, start: number, end: number, isIndexed: boolean): Params | DlrpcError {
    if (start === 0) return Params.none;
    if (bytes[start] === OPEN_BRACE) {
      if (!isIndexed || this.scanner.hasUnknownInner) return new Params(bytes, start);
      return new Params(bytes, start, this.memberIndex);
    }
    const text = bytes.toString("utf8", start, end);
    if (text === "null" || /^\[\s*\]$/.test(text)) return Params.none;
    if (text.startsWith("[")) return invalidParams([{ path: "", message: "must be an object, not an array" }]);
    return invalidRequest("`params` is an object");
  }
}

/** Most messages of a batch are short. */
const FIRST_BYTES = 1024;

/** Where the members of the envelope are, when the names of some are written with escapes. */
function decodedSpans(bytes: Buffer, start: number): MemberIndex {
  const found = new Map<string, { start: number; end: number }>();
  scanObject(bytes, start, (key, at) => {
    const end = skipValue(bytes, at);
    if ((envelope as readonly string[]).includes(key)) found.set(key, { start: at, end });
    return end;
  });
  const spanOf = (index: number) => found.get(envelope[index] ?? "");
  return { start: (index) => spanOf(index)?.start ?? 0, end: (index) => spanOf(index)?.end ?? 0 };
}

function notRequest(id: RequestId | undefined, problem: string): Message {
  return refused(id ?? NULL_ID, invalidRequest(problem));
}

function isVersion(bytes: Buffer, start: number, end: number): boolean {
  if (end - start !== VERSION.length) return start !== 0 && new RawJson(bytes.subarray(start, end)).parse() === "2.0";
  return isAt(bytes, start, end, VERSION);
}

function isId(first: number | undefined): boolean {
  return (
    first === QUOTE || first === 0x6e || first === MINUS || (first !== undefined && first >= 0x30 && first <= 0x39)
  );
}

/** Most ids are whole numbers of few digits: to read and write such a number takes a third of what Node's own code takes. */
const MOST_DIGITS = 9;

function idText(bytes: Buffer, start: number, end: number): RequestId {
  let number = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9 || end - start > MOST_DIGITS) return bytes.toString("latin1", start, end);
    number = number * 10 + digit;
  }
  return `${number}`;
}

function invalidRequest(needed: string): DlrpcError {
  return new DlrpcError("INVALID_REQUEST", `Not a JSON-RPC 2.0 request: ${needed}`);
}

function notUtf8(): Message {
  return refused(NULL_ID, new DlrpcError("PARSE_ERROR", "The message is not valid UTF-8"));
}

function refused(id: RequestId, error: DlrpcError): Message {
  return { type: "refused", id, error };
}
