// Owns what a worker does with each frame: load the library, serve calls, start more threads for calls.

import { Worker } from "node:worker_threads";
import { DlrpcError } from "../../protocol/errors.ts";
import { ownScript } from "../self.ts";
import { PluginLibrary, type PluginString } from "./abi.ts";
import type { Channel, SharedChannel } from "./channel.ts";
import { FrameKind, HEADER_BYTES, type LoadFailure } from "./frames.ts";
import { type PrivateCopy, privateCopy } from "./private-copy.ts";

/** What a thread that serves calls is started with (`workerData`). */
export interface CallThread {
  channel: SharedChannel;
  maxResultBytes: number;
  /** The library to open: set for further threads of a plugin that is loaded already. */
  libraryPath?: string;
}

/** Serves frames until the broker closes the channel. */
export function serveCalls(channel: Channel, thread: CallThread): void {
  let path = thread.libraryPath;
  let copy: PrivateCopy | undefined;
  let library = path === undefined ? undefined : new PluginLibrary(path, thread.maxResultBytes);
  const furtherThreads: Worker[] = [];

  for (;;) {
    const frame = channel.read();
    if (frame === undefined) return copy?.close();
    switch (frame.kind) {
      case FrameKind.load:
        try {
          copy = privateCopy(frame.payload);
          path = copy.path;
          library = new PluginLibrary(path, thread.maxResultBytes);
          channel.write(FrameKind.loaded, 0, metadataOf(library));
        } catch (error) {
          channel.write(FrameKind.failed, 0, Buffer.from(JSON.stringify(asLoadFailure(error))));
        }
        break;
      case FrameKind.threads: {
        const { channel: shared, maxResultBytes } = thread;
        if (path === undefined) throw new Error("threads were asked for before a library was loaded");
        const workerData: CallThread = { channel: shared, maxResultBytes, libraryPath: path };
        for (let count = frame.payload.readUInt32LE(0); count > 1; count--) {
          furtherThreads.push(new Worker(ownScript, { workerData }));
        }
        break;
      }
      case FrameKind.execute: {
        if (library === undefined) throw new Error("a call came before a library was loaded");
        const result = library.execute(frame.payload, HEADER_BYTES);
        if ("text" in result) channel.writeAround(FrameKind.result, frame.call, result.text);
        else channel.write(FrameKind.noResult, frame.call, Buffer.from(result.problem));
        break;
      }
      default:
        throw new Error(`unknown frame kind ${frame.kind} from the broker`);
    }
  }
}

/** @throws DlrpcError INVALID_METADATA */
function metadataOf(library: PluginLibrary): Buffer {
  const metadata: PluginString = library.metadata();
  if ("text" in metadata) return metadata.text;
  throw new DlrpcError("INVALID_METADATA", `vtcode_plugin_metadata() returned ${metadata.problem}`);
}

function asLoadFailure(error: unknown): LoadFailure {
  if (error instanceof DlrpcError) return { kind: error.kind, message: error.message, details: error.details };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { kind: "INTERNAL_ERROR", message, details: {} };
}
