// A host that speaks bytes: sends them as they are, keeps all that comes back, and takes nothing but whole messages.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { fixturesDirectory, program } from "./paths.ts";

export interface RawHostOptions {
  args?: readonly string[];
  /** What replies must have. */
  framing?: "headers" | "lines";
}

export class RawHost implements AsyncDisposable {
  readonly child: ChildProcess;
  /** Messages so far. */
  readonly said: Said[] = [];
  /** How many bytes came at a time. */
  readonly chunks: number[] = [];
  stderr = "";
  private readonly framing: "headers" | "lines";
  private readonly output: StrictOutput;
  private readonly closed: Promise<unknown>;
  private failure: Error | undefined;
  private isOver = false;
  private wake = () => {};

  constructor({ args = [], framing = "headers" }: RawHostOptions = {}) {
    this.framing = framing;
    this.output = new StrictOutput(framing);
    const command = [program, "serve", "--trust", fixturesDirectory, ...args];
    this.child = spawn(process.execPath, command, {
      env: { ...process.env, HOME: "/nonexistent", DLRPC_TRUSTED_DIRS: "" },
    });
    this.stdin.on("error", () => {}); // a program that has ended does not read
    this.stdout.on("data", (chunk: Buffer) => this.receive(chunk));
    (this.child.stderr as Readable).setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.closed = once(this.child, "close").then(() => {
      this.isOver = true;
      this.wake();
    });
  }

  get stdin(): Writable {
    return this.child.stdin as Writable;
  }

  get stdout(): Readable {
    return this.child.stdout as Readable;
  }

  /** Sends bytes. Resolves when the pipe has taken them, or the program has ended. */
  async send(bytes: Buffer | string): Promise<void> {
    await new Promise((resolve) => this.stdin.write(bytes, resolve));
  }

  /** Resolves when that many messages have come in all. @returns the last of these */
  async messages(count: number): Promise<Said> {
    while (this.failure === undefined && this.said.length < count) {
      if (this.isOver) throw new Error(`dlrpc ended after ${this.said.length} of ${count} messages: ${this.stderr}`);
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    if (this.failure) throw this.failure;
    return this.said[count - 1] as Said;
  }

  /** Sends bytes, of which a request with this id is answered last. @returns all that is said up to that answer */
  async exchange(bytes: Buffer | string, lastId: unknown): Promise<Said[]> {
    const begin = this.said.length;
    await this.send(bytes);
    let end = begin;
    while ((await this.messages(end + 1)).json.id !== lastId) end++;
    return this.said.slice(begin, end + 1);
  }

  /** Sends a request as this framing has it, alone. @returns its answer */
  async ask(bytes: Buffer | string): Promise<Said["json"]> {
    const count = this.said.length;
    await this.send(bytes);
    return (await this.messages(count + 1)).json;
  }

  /** Loads a fixture. @returns its handle */
  async load(name: string): Promise<string> {
    const params = { path: join(fixturesDirectory, name) };
    const request = JSON.stringify({ jsonrpc: "2.0", id: "load", method: "plugin/load", params });
    return (await this.ask(this.framing === "lines" ? `${request}\n` : framed(request))).result.handle;
  }

  /** Closes stdin and reads to the end. @returns all messages; throws unless it ends quietly with status 0 */
  async finish(): Promise<Said[]> {
    this.stdin.end();
    await this.closed;
    if (this.failure) throw this.failure;
    this.output.end();
    const { exitCode, signalCode } = this.child;
    if (exitCode !== 0 || this.stderr !== "") {
      throw new Error(`dlrpc ended with ${signalCode ?? `status ${exitCode}`}: ${this.stderr}`);
    }
    return this.said;
  }

  /** How it ended, once it has. */
  async ended(): Promise<{ status: number | null; signal: string | null }> {
    await this.closed;
    return { status: this.child.exitCode, signal: this.child.signalCode };
  }

  /** How much memory the program has, in MiB (Linux: proc(5)). */
  get memory(): number {
    return this.statusMebibytes("VmRSS");
  }

  /** The most memory that it had at any time so far. */
  get peakMemory(): number {
    return this.statusMebibytes("VmHWM");
  }

  private statusMebibytes(field: string): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, "utf8");
    return Number(new RegExp(`^${field}:\\s+([0-9]+) kB$`, "m").exec(status)?.[1]) / 1024;
  }

  /** How long the program has used the processor so far, in milliseconds (Linux: proc(5)). */
  get processorMs(): number {
    const stat = readFileSync(`/proc/${this.child.pid}/stat`, "utf8");
    const [user, system] = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .slice(11, 13);
    return (Number(user) + Number(system)) * 10;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    this.stdout.resume();
    await this.closed;
  }

  private receive(chunk: Buffer): void {
    this.chunks.push(chunk.length);
    try {
      this.said.push(...this.output.push(chunk));
    } catch (error) {
      this.failure ??= error as Error;
    }
    this.wake();
  }
}

/** A body in a header frame. */
export function framed(body: string | Buffer): Buffer {
  const bytes = Buffer.from(body as string);
  return Buffer.concat([Buffer.from(`Content-Length: ${bytes.length}\r\n\r\n`), bytes]);
}

/** A request that is answered at once, with METHOD_NOT_FOUND under its id. */
export function probe(id: number | string): string {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"method":"probe"}`;
}

/** What the program says to these bytes and then the end of input. */
export async function replies(input: Buffer | string, options?: RawHostOptions): Promise<Said[]> {
  await using host = new RawHost(options);
  await host.send(input);
  return await host.finish();
}

/** Each message in short: `kind` where the id is null, `id` where it is a probe's answer, else `kind id`. */
export function inShort(said: readonly Said[]): string[] {
  return said.map(({ json }) => (Array.isArray(json) ? `[${json.map(brief).sort().join(" ")}]` : brief(json)));
}

function brief({ id, error }: Said["json"]): string {
  const kind = error?.data.kind ?? "result";
  if (id === null) return kind;
  return kind === "METHOD_NOT_FOUND" ? `${id}` : `${kind} ${id}`;
}

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
