// The server under test: its process, what it is sent, what it says, how it ends.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { ownSystem } from "../../plugins/libraries/platform-directory.ts";
import { OutputReader, type Received } from "./output-reader.ts";
import { endGroup } from "./processes.ts";

const STDERR_LIMIT = 16 * 1024;

export interface SubjectOptions {
  readonly framing: "lines" | "headers";
  readonly env: NodeJS.ProcessEnv;
}

/** How a process ended. */
export interface Exit {
  readonly status: number | null;
  readonly signal: string | null;
}

/** The command itself cannot be run: no fault of any transcript. */
export class CannotStart extends Error {}

export class Subject {
  readonly exit: Promise<Exit>;
  stderr = "";
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly messages: Received[] = [];
  private outputEnded = false;
  private wake: () => void = () => {};

  private constructor(child: ChildProcessWithoutNullStreams, framing: "lines" | "headers") {
    this.child = child;
    this.exit = new Promise((resolve) => child.once("exit", (status, signal) => resolve({ status, signal })));
    child.stdin.on("error", () => {}); // a server that has ended does not read; what it says and how it ends is judged
    // Each is used in one direction. At its end Node would end the other as well, in a thread that nothing here waits for.
    for (const stream of [child.stdout, child.stderr]) stream.once("end", () => stream.destroy());
    const reader = new OutputReader(framing, (message) => this.messages.push(message));
    child.stdout.on("data", (chunk: Buffer) => {
      reader.push(chunk);
      this.wake();
    });
    child.stdout.once("close", () => {
      reader.end();
      this.outputEnded = true;
      this.wake();
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderr = (this.stderr + text).slice(-STDERR_LIMIT);
    });
  }

  /** @throws CannotStart */
  static start(command: readonly string[], { framing, env }: SubjectOptions): Promise<Subject> {
    const [file = "", ...args] = command;
    // A group of its own, so that all of it can be ended. On Windows that would be a console of its own.
    const child = spawn(file, args, { env, stdio: "pipe", detached: ownSystem !== "win32", windowsHide: true });
    return new Promise((resolve, reject) => {
      child.once("spawn", () => resolve(new Subject(child, framing)));
      child.once("error", (error: NodeJS.ErrnoException) => {
        const reason = error.code === "ENOENT" ? "there is no such program on PATH" : error.message;
        reject(new CannotStart(`\`${file}\` cannot be started: ${reason}`));
      });
    });
  }

  /** Does not wait until the server reads. */
  send(bytes: Buffer): void {
    this.child.stdin.write(bytes);
  }

  /** Hands over one chunk after the other, each by a call of the system of its own. */
  async sendInChunks(bytes: Buffer, size: number): Promise<void> {
    for (let at = 0; at < bytes.length; at += size) {
      await new Promise((resolve) => this.child.stdin.write(bytes.subarray(at, at + size), resolve));
    }
  }

  close(stream: "stdin" | "stdout"): void {
    if (stream === "stdin") this.child.stdin.end();
    else this.child.stdout.destroy();
  }

  read(reading: boolean): void {
    if (reading) this.child.stdout.resume();
    else this.child.stdout.pause();
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** The next message; undefined once the server has closed its output. */
  async next(): Promise<Received | undefined> {
    for (;;) {
      const message = this.messages.shift();
      if (message !== undefined || this.outputEnded) return message;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  /** Ends whatever is left of it. */
  kill(): void {
    for (const stream of [this.child.stdin, this.child.stdout, this.child.stderr]) stream.destroy();
    endGroup(this.child);
  }
}
