// Owns the grammar's use from TypeScript: texts go in window by window, and errors come out that people can read.

import { binary } from "./binary.ts";

/** Text that is not JSON: what was found, what was needed, and where (`offset` in bytes). */
export class JsonSyntaxError extends Error {
  readonly offset: number;

  constructor(bytes: Uint8Array, offset: number, needed: string) {
    super(`byte ${offset}: found ${describeByte(bytes[offset])}, needed ${needed}`);
    this.name = "JsonSyntaxError";
    this.offset = offset;
  }
}

/** As in text.as.ts and members.as.ts, where each is explained. */
const KEYS = 1024;
const KEYS_OF_DEPTH = 512;
const LEVELS = 2;
const KEY_BYTES = 28;
const MOST_KEYS = 15;
const SPANS = 2048;
const SPANS_OF_DEPTH = 128;
/** Of the words from SPANS on: those of the spans, and behind them what came of a window, as in grammar.as.ts. */
const SPAN_WORDS = (LEVELS * SPANS_OF_DEPTH) / 4;
const [STATUS, FLAGS, POSITION] = [SPAN_WORDS, SPAN_WORDS + 1, SPAN_WORDS + 2] as const;
const WORDS = SPAN_WORDS + 3;
const WINDOW = 4096;
const WINDOW_BYTES = 256 * 1024;
/** As in quote.as.ts: where in the window quoted text lies, and how much text is quoted at a time. */
const QUOTED = 96 * 1024;
const PIECE_BYTES = 64 * 1024;
/** What the grammar takes for itself, and for nesting of some depth. */
const MOST_MEMORY = 1024 * 1024;
const WANTS_MORE = 0;
const DONE = 1;
const NOT_ASCII = 1;
const UNKNOWN_KEY = 2;
const ESCAPED_KEY = 4;
const UNKNOWN_OUTER = 8;
const OTHER_ELEMENTS = 256;

/** By the status that says so. */
const needs: Readonly<Record<number, string>> = {
  2: "a value",
  3: "a member name in quotes",
  4: "`:`",
  5: "`,` or `}`",
  6: "`,` or `]`",
  7: "the rest of a string",
  8: "an escape such as \\n or \\u0041",
  9: "a hexadecimal digit",
  10: "a digit",
  11: "`true`",
  12: "`false`",
  13: "`null`",
};

interface Grammar {
  readonly memory: WebAssembly.Memory;
  scan(at: number, offset: number, length: number, last: boolean): number;
  read(length: number, last: boolean): number;
  quote(length: number): number;
}

const grammar = new WebAssembly.Module(Buffer.from(binary, "base64"));

function abort(): never {
  throw new Error("the grammar has a defect");
}

/**
 * The one instance of the grammar, which all scanners use in turn: V8 reserves 8 GiB of addresses and more for the memory of
 * each, and hosts may be short of them (ulimit -v).
 */
class Instance {
  readonly grammar: Grammar;
  window: Uint8Array;
  words: Uint32Array;
  /** Whether deep nesting has taken much memory. */
  isLarge = false;
  /** What lies in the window as it is, if anything. */
  held: Uint8Array | undefined;
  private keys: Uint8Array;
  private user: Scanner | undefined;

  constructor() {
    this.grammar = new WebAssembly.Instance(grammar, { env: { abort } }).exports as unknown as Grammar;
    [this.window, this.words, this.keys] = this.views();
  }

  /** Whether what was read is a value. */
  get isDone(): boolean {
    return this.words[STATUS] === DONE;
  }

  /** Has it look for what a scanner wants. */
  serve(user: Scanner, keys: Uint8Array): void {
    if (this.user === user) return;
    this.rest();
    this.user = user;
    this.keys.set(keys);
  }

  /** Nobody has a view of its memory any more but itself. */
  rest(): void {
    this.user?.keep();
    this.user = undefined;
  }

  /** To be called when the memory may have moved, as it does when the grammar needs more of it. */
  follow(): void {
    if (this.window.length > 0) return;
    [this.window, this.words, this.keys] = this.views();
    this.isLarge = this.window.buffer.byteLength > MOST_MEMORY;
  }

  private views(): [window: Uint8Array, words: Uint32Array, keys: Uint8Array] {
    const { buffer } = this.grammar.memory;
    return [
      new Uint8Array(buffer, WINDOW, WINDOW_BYTES),
      new Uint32Array(buffer, SPANS, WORDS),
      new Uint8Array(buffer, KEYS, LEVELS * KEYS_OF_DEPTH),
    ];
  }
}

let shared: Instance | undefined = new Instance();

function instance(): Instance {
  forgetLarge();
  shared ??= new Instance();
  return shared;
}

/**
 * Memory that deep nesting has taken cannot be given back but with the instance. This is a function of its own: where
 * addresses are short the next instance gets those of this one, which the caller must not hold while it asks for them.
 */
function forgetLarge(): void {
  if (shared === undefined || !shared.isLarge) return;
  shared.rest();
  shared = undefined;
}

/**
 * Checks that bytes are JSON, and finds the values of the wanted members on the way. The encoding is not checked here.
 * What was found is of the text that was scanned last.
 */
export class Scanner {
  private readonly keys: Uint8Array;
  private readonly wantsMembers: boolean;
  private readonly own = new Uint32Array(WORDS);
  /** What was found: the grammar's own memory, until another scanner uses it. */
  private words: Uint32Array = this.own;
  private flags = 0;

  /**
   * @param members the wanted members of the text's object, at most 15 of at most 28 letters
   * @param inner the wanted members of the object in the first of `members`
   */
  constructor(members: readonly string[] = [], inner: readonly string[] = []) {
    this.wantsMembers = members.length > 0;
    this.keys = Buffer.concat([table(members), table(inner)]);
  }

  /**
   * Reads one value of the text that lies from `from` to `to`, white space before it included.
   * @param first how many bytes to read at first, where the value may be much shorter than the text
   * @returns the index behind the value
   * @throws JsonSyntaxError
   */
  scan(bytes: Uint8Array, from: number, to: number, first = WINDOW_BYTES): number {
    const used = instance();
    used.serve(this, this.keys);
    const position = this.read(used, bytes, from, to, first);
    const status = used.words[STATUS] as number;
    if (status === DONE) return position;
    throw new JsonSyntaxError(bytes.subarray(0, to), position, needs[status] ?? "something else");
  }

  /**
   * Whether what lies from `from` to `to` is one value, without white space around it. Of a text that has others beside it,
   * which are asked for next: all are copied at once.
   * @param bytes must not change as long as there are others
   */
  isValue(bytes: Uint8Array, from: number, to: number): boolean {
    const used = instance();
    used.serve(this, this.keys);
    if (bytes.length > WINDOW_BYTES) return this.read(used, bytes, from, to, WINDOW_BYTES) === to && used.isDone;
    if (used.held !== bytes) {
      used.window.set(bytes);
      used.held = bytes;
    }
    used.grammar.scan(from, from, to - from, true);
    used.follow();
    return this.found(used) === to && used.isDone;
  }

  /** @returns where the value ended, or what is wrong with it is */
  private read(used: Instance, bytes: Uint8Array, from: number, to: number, first: number): number {
    const { grammar } = used;
    used.held = undefined;
    let size = first;
    for (let at = from, isBegun = false; ; size = Math.min(size * 4, WINDOW_BYTES)) {
      const end = Math.min(at + size, to);
      used.window.set(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
      at += isBegun ? grammar.read(end - at, end === to) : grammar.scan(from, 0, end - at, end === to);
      isBegun = true;
      used.follow();
      if (used.words[STATUS] !== WANTS_MORE) return this.found(used);
    }
  }

  /** @returns as `read` */
  private found({ words }: Instance): number {
    this.words = words;
    this.flags = words[FLAGS] as number;
    return words[POSITION] as number;
  }

  /** Another scanner uses the grammar next. */
  keep(): void {
    if (this.wantsMembers) this.own.set(this.words);
    this.words = this.own;
  }

  /** Where the last value of the wanted member begins, 0 where there is none. */
  start(key: number): number {
    return this.words[key * 2] as number;
  }

  /** Where it ends. */
  end(key: number): number {
    return this.words[key * 2 + 1] as number;
  }

  /** As `start`, for an inner member. */
  innerStart(key: number): number {
    return this.words[SPANS_OF_DEPTH / 4 + key * 2] as number;
  }

  innerEnd(key: number): number {
    return this.words[SPANS_OF_DEPTH / 4 + key * 2 + 1] as number;
  }

  /** Whether only ASCII was read, so that the encoding needs no check. */
  get isAscii(): boolean {
    return (this.flags & NOT_ASCII) === 0;
  }

  /** Whether the inner object has members that are not wanted. */
  get hasUnknownInner(): boolean {
    return (this.flags & UNKNOWN_KEY) !== 0;
  }

  /** Whether the object has members that are not wanted. */
  get hasUnknown(): boolean {
    return (this.flags & UNKNOWN_OUTER) !== 0;
  }

  /** Whether the name of a member is written with escapes: it may be wanted and was not found. */
  get hasEscapedNames(): boolean {
    return (this.flags & ESCAPED_KEY) !== 0;
  }

  /** Whether all elements of the array in a wanted member are strings. */
  hasOnlyStrings(key: number): boolean {
    return (this.flags & (OTHER_ELEMENTS << key)) === 0;
  }
}

/**
 * Writes JSON as the contents of a string: with escapes, and without the quotes around it.
 * @param json well-formed
 * @param into has room for twice as many bytes from `at` on
 * @returns the index behind what was written
 */
export function quote(json: Uint8Array, into: Uint8Array, at: number): number {
  const used = instance();
  const { grammar, window } = used;
  used.held = undefined;
  let to = at;
  for (let from = 0; from < json.length; from += PIECE_BYTES) {
    const piece = json.length <= PIECE_BYTES ? json : json.subarray(from, from + PIECE_BYTES);
    window.set(piece);
    const length = grammar.quote(piece.length);
    into.set(window.subarray(QUOTED, QUOTED + length), to);
    to += length;
  }
  return to;
}

/** As the grammar reads it. */
function table(keys: readonly string[]): Buffer {
  if (keys.length > MOST_KEYS || keys.some((key) => key.length > KEY_BYTES)) throw new Error("too much is wanted");
  const table = Buffer.alloc(KEYS_OF_DEPTH);
  table.writeUInt32LE(keys.length);
  for (const [index, key] of keys.entries()) {
    const entry = 4 + index * (4 + KEY_BYTES);
    table.writeUInt32LE(key.length, entry);
    table.write(key, entry + 4, "latin1");
  }
  return table;
}

function describeByte(byte: number | undefined): string {
  if (byte === undefined) return "the end of the text";
  const hex = `byte 0x${byte.toString(16).padStart(2, "0")}`;
  return byte > 0x20 && byte < 0x7f ? `\`${String.fromCharCode(byte)}\`` : hex;
}
