// Owns what a worker does with each frame: load the library, serve calls, start more threads for calls.

import { DlrpcError } from "../../protocol/errors.ts";
import type { Address } from "../native/ffi.ts";
import { bytesAt } from "../native/memory.ts";
import { startThread } from "../self.ts";
import { PluginLibrary } from "./abi.ts";
import { Board } from "./board.ts";
import { Channel, type RequestFrame, type SharedChannel } from "./channel.ts";
import { FrameKind, type LoadFailure } from "./frames.ts";
import { type PrivateCopy, privateCopy } from "./private-copy.ts";

/** What a thread that serves calls is started with (`workerData`). */
export interface CallThread {
  channel: SharedChannel;
  /** The board's address in this process. */
  board: Address;
  maxResultBytes: number;
  /** The library to open: set for further threads of a plugin that is loaded already. */
  libraryPath?: string;
  /** Where the native addon is open, for a thread of the broker on Linux. */
  addon?: number | undefined;
}

/** V8 would reserve 512 MiB for the code of each thread, which count as the plugin's where its memory is limited. */
const CODE_RANGE_MB = 16;

/** Serves frames until the broker closes the channel. */
export function serveCalls(thread: CallThread): void {
  new CallLoop(thread).run();
}

class CallLoop {
  private readonly thread: CallThread;
  private readonly channel: Channel;
  private readonly board: Board;
  private copy: PrivateCopy | undefined;
  private path: string | undefined;
  private library: PluginLibrary | undefined;

  constructor(thread: CallThread) {
    this.thread = thread;
    this.channel = new Channel(thread.channel);
    this.board = new Board(thread.board);
    if (thread.libraryPath !== undefined) this.library = new PluginLibrary(thread.libraryPath, thread.maxResultBytes);
  }

  run(): void {
    for (let frame = this.channel.read(); frame !== undefined; frame = this.channel.read()) this.serve(frame);
    this.copy?.close();
  }

  private serve(frame: RequestFrame): void {
    switch (frame.kind) {
      case FrameKind.execute:
        return this.execute(frame);
      case FrameKind.load:
      case FrameKind.loadFrom:
        return this.load(frame);
      case FrameKind.serve:
        return this.startThreads(frame.call);
      default:
        throw new Error(`unknown frame kind ${frame.kind} from the broker`);
    }
  }

  private execute({ call, payload }: RequestFrame): void {
    if (this.library === undefined) throw new Error("a call came before a library was loaded");
    if (!this.board.begin(call)) return; // it was cancelled before its turn came
    const problem = this.library.execute(payload, (result, length) =>
      this.channel.write(FrameKind.result, call, result, length),
    );
    if (problem !== undefined) this.channel.writeBytes(FrameKind.noResult, call, Buffer.from(problem));
  }

  private load({ kind, payload, length }: RequestFrame): void {
    try {
      if (kind === FrameKind.load) this.copy = privateCopy(payload, length);
      this.path = this.copy?.path ?? bytesAt(payload, length).toString("utf8");
      this.library = new PluginLibrary(this.path, this.thread.maxResultBytes);
      const problem = this.library.metadata((metadata, bytes) =>
        this.channel.write(FrameKind.loaded, 0, metadata, bytes),
      );
      if (problem === undefined) return;
      throw new DlrpcError("INVALID_METADATA", `vtcode_plugin_metadata() returned ${problem}`);
    } catch (error) {
      this.channel.writeBytes(FrameKind.failed, 0, Buffer.from(JSON.stringify(asLoadFailure(error))));
    }
  }

  /** @param count how many threads shall serve calls, this one included */
  private startThreads(count: number): void {
    if (this.path === undefined) throw new Error("threads were asked for before a library was loaded");
    this.channel.isAlone = count === 1;
    const workerData: CallThread = { ...this.thread, libraryPath: this.path };
    const resourceLimits = { codeRangeSizeMb: CODE_RANGE_MB };
    for (let further = 1; further < count; further++) startThread({ workerData, resourceLimits });
  }
}

function asLoadFailure(error: unknown): LoadFailure {
  if (error instanceof DlrpcError) return { kind: error.kind, message: error.message, details: error.details };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { kind: "INTERNAL_ERROR", message, details: {} };
}
