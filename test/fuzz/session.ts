// The program under fuzzing: bytes in, and every response that comes out, checked to be well-formed.

import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { program } from "../support/paths.ts";

export class FuzzSession {
  /** Responses so far, those of batches one by one. */
  readonly responses: { id: string; text: string }[] = [];
  private readonly child;
  private readonly framing: "headers" | "lines";
  private buffered = Buffer.alloc(0);
  private failure: Error | undefined;
  private wake = () => {};
  stderr = "";

  constructor(framing: "headers" | "lines", args: readonly string[] = []) {
    this.framing = framing;
    const env = { ...process.env, HOME: "/nonexistent", DLRPC_TRUSTED_DIRS: "" };
    this.child = spawn(process.execPath, [program, "serve", `--framing=${framing}`, ...args], { env });
    this.stdin.on("error", () => {}); // the exit says what happened
    (this.child.stdout as Readable).on("data", (chunk: Buffer) => this.receive(chunk));
    (this.child.stderr as Readable).on("data", (chunk) => {
      this.stderr += chunk;
    });
    this.child.once("exit", () => this.wake());
  }

  frame(body: Buffer): Buffer {
    if (this.framing === "lines") return Buffer.concat([body, Buffer.from("\n")]);
    return Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]);
  }

  async send(chunk: Buffer): Promise<void> {
    if (!this.stdin.write(chunk)) await Promise.race([once(this.stdin, "drain"), once(this.child, "exit")]);
  }

  /** Waits until that many responses have come in all. */
  async responded(count: number): Promise<void> {
    while (this.responses.length < count) {
      if (this.failure) throw this.failure;
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`dlrpc ended with ${this.child.exitCode ?? this.child.signalCode}: ${this.stderr}`);
      }
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    if (this.failure) throw this.failure;
  }

  /** Closes stdin. Throws unless the program then ends with status 0 and all that it had said was well-formed. */
  async end(): Promise<void> {
    this.stdin.end();
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, "close");
    if (this.failure) throw this.failure;
    if (this.buffered.length > 0) throw new Error(`half a message at the end: ${this.buffered}`);
    if (this.child.exitCode !== 0) {
      throw new Error(`dlrpc ended with ${this.child.exitCode ?? this.child.signalCode}: ${this.stderr}`);
    }
  }

  /** Gives up: whoever waits gets the error. */
  fail(error: Error): void {
    this.failure ??= error;
    this.kill();
    this.wake();
  }

  kill(): void {
    this.child.kill("SIGKILL");
  }

  private get stdin(): Writable {
    return this.child.stdin as Writable;
  }

  private receive(chunk: Buffer): void {
    this.buffered = Buffer.concat([this.buffered, chunk]);
    try {
      for (let body = this.takeBody(); body !== undefined; body = this.takeBody()) this.note(JSON.parse(body));
    } catch (error) {
      this.failure ??= new Error(`dlrpc said something ill-formed: ${this.buffered.subarray(0, 500)}`, {
        cause: error,
      });
    }
    this.wake();
  }

  private takeBody(): string | undefined {
    const [start, end, next] = this.framing === "lines" ? this.nextLine() : this.nextFrame();
    if (end < 0 || end > this.buffered.length) return undefined;
    const body = this.buffered.subarray(start, end).toString("utf8");
    this.buffered = this.buffered.subarray(next);
    return body;
  }

  private nextLine(): [number, number, number] {
    const end = this.buffered.indexOf("\n");
    return [0, end, end + 1];
  }

  private nextFrame(): [number, number, number] {
    const start = this.buffered.indexOf("\r\n\r\n") + 4;
    if (start < 4) return [0, -1, 0];
    const length = /^Content-Length: ([0-9]+)$/.exec(this.buffered.subarray(0, start - 4).toString("latin1"))?.[1];
    if (length === undefined) throw new Error("not exactly one Content-Length header");
    return [start, start + Number(length), start + Number(length)];
  }

  private note(message: unknown): void {
    for (const response of Array.isArray(message) ? message : [message]) {
      const members = Object.keys(response).sort().join();
      if (members !== "id,jsonrpc,result" && members !== "error,id,jsonrpc") throw new Error(`members ${members}`);
      this.responses.push({ id: JSON.stringify(response.id), text: JSON.stringify(response) });
    }
  }
}
