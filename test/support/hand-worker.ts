// Speaks with a worker by hand, in the place of dlrpc: frames in and out, and its control block. It is confined by nothing.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import {
  CALL_OFFSET,
  CONTROL_BLOCK_BYTES,
  CONTROL_BLOCK_CALLS,
  FrameKind,
  HEADER_BYTES,
  KIND_OFFSET,
} from "../../native/frames/frames.ts";
import { forged } from "./forged-frames.ts";
import { projectRoot } from "./paths.ts";

/** As `npm run build` makes it. */
export const shippedWorker = join(projectRoot, "dist", "workers", `${process.platform}-${process.arch}`);

export interface Frame {
  kind: number;
  call: number;
  payload: Buffer;
}

export interface HandWorkerOptions {
  program?: string;
  env?: NodeJS.ProcessEnv;
  /** The process that it is told to live with. */
  parent?: number;
  /** The longest string that is taken. */
  maxResultBytes?: number;
  /** The descriptor of its control block, in the place of one that is made. */
  controlBlock?: number;
}

export class HandWorker implements AsyncDisposable {
  readonly child: ChildProcess;
  private readonly controlBlock: number;
  private readonly output: Promise<[stdout: string, stderr: string, answers: Buffer]>;

  constructor(options: HandWorkerOptions = {}) {
    const { program = shippedWorker, env = process.env, parent = process.pid, maxResultBytes = 1 << 20 } = options;
    const directory = mkdtempSync(join(tmpdir(), "dlrpc-control-block-"));
    this.controlBlock = openSync(join(directory, "control-block"), "w+");
    ftruncateSync(this.controlBlock, CONTROL_BLOCK_BYTES);
    rmSync(directory, { recursive: true });
    const args = ["hand", String(parent), String(maxResultBytes)];
    const stdio = ["ignore", "pipe", "pipe", "pipe", "pipe", options.controlBlock ?? this.controlBlock] as const;
    this.child = spawn(program, args, { env, stdio: [...stdio] });
    const [, stdout, stderr, requests, answers] = this.child.stdio as unknown as Readable[];
    requests?.on("error", () => {}); // a worker that has ended does not read
    this.output = Promise.all([text(stdout as Readable), text(stderr as Readable), buffer(answers as Readable)]);
  }

  send(kind: number, call = 0, payload: string | Buffer = ""): void {
    this.write(forged(kind, call, payload));
  }

  write(bytes: Buffer): void {
    (this.child.stdio[3] as Writable).write(bytes);
  }

  /** Lets it begin a call. */
  permit(call: number): void {
    const number = Buffer.alloc(4);
    number.writeInt32LE(call);
    writeSync(this.controlBlock, number, 0, 4, (call % CONTROL_BLOCK_CALLS) * 4);
  }

  /** Sends a call that it may begin. */
  execute(call: number, context: string): void {
    this.permit(call);
    this.send(FrameKind.execute, call, `${context}\0`);
  }

  /** What stands in the place of a call: its number, or the negative of that once it has begun. */
  placeOf(call: number): number {
    const number = Buffer.alloc(4);
    readSync(this.controlBlock, number, 0, 4, (call % CONTROL_BLOCK_CALLS) * 4);
    return number.readInt32LE();
  }

  /** Asks for nothing more. @returns all that it has said, once it has ended */
  async finish(): Promise<{ frames: Frame[]; stdout: string; stderr: string; status: number | null }> {
    (this.child.stdio[3] as Writable).end();
    const [[stdout, stderr, answers]] = await Promise.all([this.output, this.ended()]);
    return { frames: framesOf(answers), stdout, stderr, status: this.child.exitCode };
  }

  /** Resolves when it has ended. */
  async ended(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, "exit");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended();
    closeSync(this.controlBlock);
  }
}

function framesOf(bytes: Buffer): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + HEADER_BYTES + bytes.readUInt32LE(at);
    const [call, kind] = [bytes.readUInt32LE(at + CALL_OFFSET), bytes.readUInt32LE(at + KIND_OFFSET)];
    frames.push({ kind, call, payload: bytes.subarray(at + HEADER_BYTES, end) });
    at = end;
  }
  return frames;
}
