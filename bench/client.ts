// Owns one running client (client.c) with the server that it measures: a line out, a line of JSON back.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { clientProgram } from "./build.ts";

export type Framing = "headers" | "lines";

export interface Latency {
  calls: number;
  min: number;
  p50: number;
  p90: number;
  p99: number;
  max: number;
}

export interface Flow {
  calls: number;
  ns: number;
  p50: number;
  p99: number;
}

export interface Asked {
  /** From sending to the last answer, in nanoseconds. */
  ns: number;
  /** From the first answer. */
  sinceFirst: number;
  /** From the start of the server's process. */
  sinceStart: number;
  /** The first 2,048 bytes of the last answer. */
  answer: string;
}

export interface Gathered {
  notifications: number;
  ns: number;
  /** The median of how long the notifications took that bear a time, in nanoseconds. */
  late: number;
}

export interface ClientOptions {
  framing: Framing;
  command: readonly string[];
  /** The core on which both client and server run; default: the system decides. */
  core?: number | undefined;
}

export class Client {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private readonly ended: Promise<unknown>;
  private stderr = "";

  constructor({ framing, command, core }: ClientOptions) {
    this.child = spawn(clientProgram, [framing, core === undefined ? "-" : String(core), ...command], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, HOME: "/nonexistent", DLRPC_TRUSTED_DIRS: "" },
    });
    this.stdin.on("error", () => {}); // a client that has failed says why on stderr
    (this.child.stderr as Readable).setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.lines = createInterface({ input: this.child.stdout as Readable })[Symbol.asyncIterator]();
    this.ended = once(this.child, "close");
  }

  /** Sends the messages in these files at once. Resolves with the last answer. */
  async ask(...files: readonly string[]): Promise<Asked> {
    const asked: Asked = await this.command(`ask ${files.join(" ")}`);
    return { ...asked, answer: Buffer.from(asked.answer, "hex").toString() };
  }

  tell(file: string): Promise<object> {
    return this.command(`tell ${file}`);
  }

  /** Sends the message, and reads up to its answer, so many times. */
  gather(file: string, times: number): Promise<Gathered> {
    return this.command(`gather ${file} ${times}`);
  }

  /** One call at a time, times in nanoseconds. */
  latency(file: string, calls: number, seconds: number): Promise<Latency> {
    return this.command(`latency ${file} ${calls} ${Math.round(seconds * 1e9)}`);
  }

  /** `window` calls in flight, for so long: times in nanoseconds, of the first of them. @param files of one length, in turn */
  flow(files: string | readonly string[], window: number, seconds: number): Promise<Flow> {
    return this.command(`flow ${files} ${window} ${Math.round(seconds * 1e9)}`);
  }

  /** Of the server. */
  async pid(): Promise<number> {
    return (await this.command<{ pid: number }>("pid")).pid;
  }

  /** Closes the server's stdin and waits for its end. Resolves with how long it lived, in nanoseconds. */
  async end(): Promise<number> {
    const { sinceStart } = await this.command<{ sinceStart: number }>("end");
    this.stdin.end();
    await this.ended;
    return sinceStart;
  }

  private get stdin(): Writable {
    return this.child.stdin as Writable;
  }

  private async command<T>(line: string): Promise<T> {
    this.stdin.write(`${line}\n`);
    const { value, done } = await this.lines.next();
    if (!done) return JSON.parse(value);
    await this.ended;
    throw new Error(this.stderr.trim() || "the client ended without a word");
  }
}
