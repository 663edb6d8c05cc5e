// Starts the worker as dlrpc will on Windows, and speaks with it by hand: frames in and out, and its control block.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import {
  CALL_OFFSET,
  CONTROL_BLOCK_BYTES,
  CONTROL_BLOCK_CALLS,
  FAILURE_TEXT_OFFSET,
  FAILURE_VALUE_OFFSET,
  FrameKind,
  HEADER_BYTES,
  KIND_OFFSET,
} from "../../../native/frames/frames.ts";
import { Job } from "../../../src/platform/windows/processes/job.ts";
import { SharedMemory } from "../../../src/platform/windows/shared-memory.ts";
import { forged } from "../../support/forged-frames.ts";

const program = "Z:\\work\\worker.exe";
/** Where the plugins are. */
export const pluginPath = (name: string): string => `Z:\\work\\plugins\\${name}.dll`;

export interface Frame {
  kind: number;
  call: number;
  payload: Buffer;
}

/** What a process prints. */
class Output {
  private text = "";
  private readonly ended: Promise<unknown>;
  private readonly stream: Readable;

  constructor(stream: Readable) {
    this.stream = stream;
    this.ended = once(stream, "close");
    stream.setEncoding("utf8").on("data", (chunk) => {
      this.text += chunk;
    });
  }

  /** Waits until that was printed. */
  async has(part: string): Promise<void> {
    while (!this.text.includes(part)) await once(this.stream, "data");
  }

  /** @returns all, once the process has ended */
  async all(): Promise<string> {
    await this.ended;
    return this.text;
  }
}

export interface WindowsWorkerOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  maxResultBytes?: number;
}

export class WindowsWorker implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly controlBlock = new SharedMemory(CONTROL_BLOCK_BYTES);
  readonly words = new Int32Array(this.controlBlock.memory);
  readonly bytes = Buffer.from(this.controlBlock.memory);
  readonly job = new Job();
  readonly stdout: Output;
  readonly stderr: Output;
  private readonly answers: AsyncIterator<Frame>;

  constructor({ cwd, env = process.env, maxResultBytes = 1 << 24 }: WindowsWorkerOptions = {}) {
    const args = [String(maxResultBytes), String(this.controlBlock.handle)];
    const stdio = ["ignore", "pipe", "pipe", "pipe", "pipe"] as const;
    this.child = this.controlBlock.inheritedBy(() =>
      spawn(program, args, { env, stdio: [...stdio], detached: true, ...(cwd !== undefined && { cwd }) }),
    );
    this.job.add(this.child.pid as number); // nothing of a plugin has run yet
    const [, stdout, stderr, requests, answers] = this.child.stdio as unknown as Readable[];
    requests?.on("error", () => {}); // a worker that has ended does not read
    this.stdout = new Output(stdout as Readable);
    this.stderr = new Output(stderr as Readable);
    this.answers = framesOf(answers as Readable);
  }

  send(kind: number, call = 0, payload: string | Buffer = ""): void {
    this.write(forged(kind, call, payload));
  }

  write(bytes: Buffer): void {
    (this.child.stdio[3] as Writable).write(bytes);
  }

  /** @returns what came of each, an int32: 0 or the system's number of an error */
  order(orders: Buffer): Promise<Buffer> {
    this.send(FrameKind.confine, 0, orders);
    return this.expect(FrameKind.hello);
  }

  /** Sends a call that it may begin. */
  execute(call: number, context: string): void {
    Atomics.store(this.words, call % CONTROL_BLOCK_CALLS, call);
    this.send(FrameKind.execute, call, `${context}\0`);
  }

  /** Sends a call by what the actor shall do. */
  ask(call: number, what: string): void {
    this.execute(call, JSON.stringify({ input: { do: what } }));
  }

  /** What stands in the place of a call. */
  placeOf(call: number): number {
    return Atomics.load(this.words, call % CONTROL_BLOCK_CALLS);
  }

  /** @throws Error where it has ended */
  async next(): Promise<Frame> {
    const { value, done } = await this.answers.next();
    if (done === true) throw new Error(`it ended with ${await this.status()}: ${await this.stderr.all()}`);
    return value;
  }

  /** @returns the next frame's payload @throws Error where that is another kind of frame */
  async expect(kind: number): Promise<Buffer> {
    const frame = await this.next();
    if (frame.kind !== kind) throw new Error(`frame ${frame.kind} came: ${frame.payload}`);
    return frame.payload;
  }

  /** @returns what the plugin says of itself @throws Error where it does not load */
  async load(path: string): Promise<string> {
    this.send(FrameKind.load, 0, `${path}\0`);
    return String(await this.expect(FrameKind.loaded));
  }

  /** @returns why it does not load */
  async failToLoad(path: string): Promise<{ reason: number; value: number; text: string }> {
    this.send(FrameKind.load, 0, `${path}\0`);
    const payload = await this.expect(FrameKind.failed);
    return {
      reason: Number(payload.readBigUInt64LE()),
      value: Number(payload.readBigUInt64LE(FAILURE_VALUE_OFFSET)),
      text: String(payload.subarray(FAILURE_TEXT_OFFSET)),
    };
  }

  /** @returns what the actor said to a call */
  async said(): Promise<string> {
    return JSON.parse(String(await this.expect(FrameKind.result))).output.said;
  }

  /** Asks for nothing more. @returns its status once it has ended */
  finish(): Promise<number | null> {
    (this.child.stdio[3] as Writable).end();
    return this.status();
  }

  async status(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, "exit");
    return this.child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.status();
    for (const stream of this.child.stdio) stream?.destroy();
    this.job[Symbol.dispose]();
    this.controlBlock.close();
  }
}

async function* framesOf(stream: Readable): AsyncGenerator<Frame> {
  let held: Buffer[] = [];
  let length = 0;
  let needed = HEADER_BYTES;
  for await (const chunk of stream) {
    held.push(chunk);
    length += chunk.length;
    while (length >= needed) {
      const bytes = Buffer.concat(held);
      const end = HEADER_BYTES + bytes.readUInt32LE(0);
      if (length < end) {
        needed = end;
        held = [bytes];
        break;
      }
      const [call, kind] = [bytes.readUInt32LE(CALL_OFFSET), bytes.readUInt32LE(KIND_OFFSET)];
      yield { kind, call, payload: bytes.subarray(HEADER_BYTES, end) };
      held = [bytes.subarray(end)];
      length -= end;
      needed = HEADER_BYTES;
    }
  }
}
