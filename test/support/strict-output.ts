// Reads what the program says as the strictest of clients would: anything but whole, well-formed messages is an error.

const NEWLINE = 0x0a;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** One response, or a batch of them, or a notification. */
export interface Said {
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what a test checks
  json: any;
}

export class StrictOutput {
  private readonly framing: "headers" | "lines";
  private pieces: Buffer[] = [];
  private length = 0;
  /** How many bytes there must be before another look is worth it: a long message is joined once, not for every chunk. */
  private needed = 1;

  constructor(framing: "headers" | "lines") {
    this.framing = framing;
  }

  /** Takes the next bytes. @returns the messages that they complete @throws Error where something is ill-formed */
  push(chunk: Buffer): Said[] {
    this.pieces.push(chunk);
    this.length += chunk.length;
    if (this.framing === "lines" ? !chunk.includes(NEWLINE) : this.length < this.needed) return [];
    let bytes = Buffer.concat(this.pieces);
    const said: Said[] = [];
    for (;;) {
      const [start, end, next] = this.framing === "lines" ? nextLine(bytes) : nextFrame(bytes);
      this.needed = end;
      if (end < 0 || end > bytes.length) break;
      said.push(wellFormed(bytes.subarray(start, end)));
      bytes = bytes.subarray(next);
    }
    this.pieces = [bytes];
    this.length = bytes.length;
    return said;
  }

  /** @throws Error where the output ends inside a message */
  end(): void {
    if (this.length > 0) throw new Error(`half a message at the end: ${Buffer.concat(this.pieces).subarray(0, 500)}`);
  }
}

function nextLine(bytes: Buffer): [start: number, end: number, next: number] {
  const end = bytes.indexOf(NEWLINE);
  return [0, end, end + 1];
}

function nextFrame(bytes: Buffer): [start: number, end: number, next: number] {
  const start = bytes.indexOf("\r\n\r\n") + 4;
  if (start < 4) return [0, -1, 0];
  const header = bytes.subarray(0, start - 4).toString("latin1");
  const length = /^Content-Length: (0|[1-9][0-9]*)$/.exec(header)?.[1];
  if (length === undefined) throw new Error(`not exactly one Content-Length: ${JSON.stringify(header.slice(0, 500))}`);
  return [start, start + Number(length), start + Number(length)];
}

function wellFormed(body: Buffer): Said {
  const text = utf8.decode(body);
  if (/[\r\n]/.test(text)) throw new Error(`a raw line end inside a message: ${text.slice(0, 500)}`);
  const json = JSON.parse(text);
  if (Array.isArray(json) && json.length === 0) throw new Error("an empty batch");
  for (const message of Array.isArray(json) ? json : [json]) requireResponse(message);
  return { text, json };
}

/** M8, M9: a response, and nothing in it that does not belong there. */
function requireResponse({ jsonrpc, id, ...outcome }: Record<string, unknown>): void {
  const fail = (what: string) => {
    throw new Error(`${what} in a response: ${JSON.stringify({ jsonrpc, id, ...outcome }).slice(0, 500)}`);
  };
  if (jsonrpc !== "2.0") fail("no jsonrpc");
  if (id !== null && typeof id !== "string" && typeof id !== "number") fail("no id");
  const { result, error } = outcome;
  if (Object.keys(outcome).join() === "result")
    return isObject(result) ? undefined : fail("a result that is no object");
  if (Object.keys(outcome).join() !== "error" || !isObject(error)) return fail("neither result nor error");
  if (Object.keys(error).sort().join() !== "code,data,message") fail("other members of error");
  const { code, message, data } = error;
  if (!Number.isInteger(code) || typeof message !== "string" || !isObject(data)) return fail("wrong types in error");
  if (typeof data.kind !== "string") fail("no kind");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
