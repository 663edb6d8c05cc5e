// The program under fuzzing: bytes in, and every response that comes out, checked to be well-formed.

import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { program } from "../support/paths.ts";
import { StrictOutput } from "../support/raw-host.ts";

export class FuzzSession {
  /** Responses so far, those of batches one by one, by their ids as they were written. */
  readonly responses: { id: string }[] = [];
  private readonly child;
  private readonly framing: "headers" | "lines";
  private readonly output: StrictOutput;
  private failure: Error | undefined;
  private wake = () => {};
  stderr = "";

  constructor(framing: "headers" | "lines", args: readonly string[] = []) {
    this.framing = framing;
    this.output = new StrictOutput(framing);
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
    this.output.end();
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
    try {
      for (const { text } of this.output.push(chunk)) this.note(text);
    } catch (error) {
      this.failure ??= new Error(`dlrpc said something ill-formed: ${error}`, { cause: error });
    }
    this.wake();
  }

  /** What looks like the beginning of a response is one: within a string the quotes would be escaped. */
  private note(text: string): void {
    for (const [, id = ""] of text.matchAll(/\{"jsonrpc":"2\.0","id":(.*?),"(?:result|error)":/g))
      this.responses.push({ id });
  }
}
