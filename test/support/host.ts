// A host for tests: starts the built program, speaks to it over real pipes, keeps everything that it says.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { fixturesDirectory, ownProgram } from "./paths.ts";

export interface Message {
  jsonrpc: string;
  id?: string | number | null;
  method?: string;
  params?: Record<string, unknown>;
  // Tests look into answers freely; a wrong guess fails the test.
  // biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what a test checks
  result?: any;
  error?: { code: number; message: string; data: Record<string, unknown> & { kind: string } };
  /** The message as it was written. */
  text: string;
}

export interface HostOptions {
  args?: readonly string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Trusted by --trust; default: the directory of the fixtures. */
  trust?: readonly string[];
  /** The program, where it is not the built script. */
  program?: readonly string[];
  /** A command that starts the program in the place of this process, as its parent. */
  through?: readonly string[];
  /** What the program is to do. Default: serve, in lines. */
  verb?: readonly string[];
}

export class Host implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly messages: Message[] = [];
  stderr = "";
  /** Says of each message whether it is kept; default: all are. */
  onMessage: (message: Message) => boolean = () => true;
  private readonly waiting = new Set<() => void>();
  /** Of a line that has not ended yet. Joined when it has: it may be long. */
  private pieces: string[] = [];
  private readonly allRead: Promise<void>;
  private nextId = 1;
  private isOver = false;

  constructor({
    args = [],
    env = {},
    cwd,
    trust = [fixturesDirectory],
    through = [],
    program = ownProgram,
    verb = ["serve", "--framing=lines"],
  }: HostOptions = {}) {
    const trusted = trust.flatMap((directory) => ["--trust", directory]);
    const command = [...through, ...program, ...verb, ...trusted, ...args];
    const environment = { ...process.env, HOME: "/nonexistent", DLRPC_TRUSTED_DIRS: "", ...env };
    this.child = spawn(command[0] as string, command.slice(1), {
      stdio: ["pipe", "pipe", "pipe"],
      env: environment,
      ...(cwd !== undefined && { cwd }),
    });
    this.stdin.on("error", () => {}); // a program that has ended does not read
    (this.child.stdout as Readable).setEncoding("utf8").on("data", (text: string) => this.receive(text));
    (this.child.stderr as Readable).setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.allRead = new Promise((resolve) => this.child.once("close", () => resolve()));
    this.child.stdout?.once("close", () => {
      this.isOver = true;
      this.wake();
    });
  }

  get stdin(): Writable {
    return this.child.stdin as Writable;
  }

  /** Sends text as it is. */
  send(text: string): void {
    this.stdin.write(`${text}\n`);
  }

  notify(method: string, params?: object): void {
    this.send(JSON.stringify({ jsonrpc: "2.0", method, params }));
  }

  /** Sends a request without waiting. @returns its id */
  start(method: string, params?: object): number {
    const id = this.nextId++;
    this.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    return id;
  }

  /** The answer to a request, whenever it comes. */
  answer(id: string | number): Promise<Message> {
    return this.until((message) => message.id === id && message.method === undefined);
  }

  request(method: string, params?: object): Promise<Message> {
    return this.answer(this.start(method, params));
  }

  /** The result of a request that must succeed. */
  // biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what a test checks
  async result(method: string, params?: object): Promise<any> {
    const { result, error } = await this.request(method, params);
    if (error !== undefined) throw new Error(`${method} failed: ${JSON.stringify(error)}`);
    return result;
  }

  /** The error of a request that must fail. */
  async error(method: string, params?: object): Promise<NonNullable<Message["error"]>> {
    const { error, text } = await this.request(method, params);
    if (error === undefined) throw new Error(`${method} succeeded: ${text}`);
    return error;
  }

  /** Loads a fixture. @returns its handle */
  async load(path: string, params: object = {}): Promise<string> {
    return (await this.result("plugin/load", { path: `${fixturesDirectory}/${path}`, ...params })).handle;
  }

  /** The first message, already here or still to come, that fits. */
  async until(fits: (message: Message) => boolean): Promise<Message> {
    for (;;) {
      const found = this.messages.find(fits);
      if (found !== undefined) return found;
      if (this.isOver) throw new Error(`dlrpc ended before the message came; it had said: ${this.stderr}`);
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
  }

  /** Closes stdin. @returns how the program ended */
  async end(): Promise<{ status: number | null; signal: string | null }> {
    this.stdin.end();
    return this.exit();
  }

  async exit(): Promise<{ status: number | null; signal: string | null }> {
    const { child } = this;
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    return { status: child.exitCode, signal: child.signalCode };
  }

  /** As `exit`, and all that the program had to say is here. */
  async closed(): Promise<{ status: number | null; signal: string | null }> {
    await this.allRead;
    return this.exit();
  }

  /** As `end`, and all that the program had to say is here. */
  finish(): Promise<{ status: number | null; signal: string | null }> {
    this.stdin.end();
    return this.closed();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.exit();
  }

  private receive(text: string): void {
    const [first = "", ...others] = text.split("\n");
    this.pieces.push(first);
    for (const next of others) {
      const line = this.pieces.join("");
      this.pieces = [next];
      const message = { ...JSON.parse(line), text: line };
      if (this.onMessage(message)) this.messages.push(message);
    }
    this.wake();
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}
