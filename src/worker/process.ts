// Owns the worker as a process of its own: bound to the life of the broker that started it.

import { makeBlocking } from "../native/descriptors.ts";
import { lineBufferStdout } from "../native/native-state.ts";
import { adoptOrphans, dieWithParent, exitNow, ignoreInspectorSignal } from "../native/processes.ts";
import { mapBoard } from "./board.ts";
import { serveCalls } from "./call-loop.ts";
import { Channel } from "./channel.ts";
import { ANSWERS_DESCRIPTOR, BOARD_DESCRIPTOR, FrameKind, REQUESTS_DESCRIPTOR } from "./frames.ts";

/** @param brokerPid the process that started this one: without it, this one must not live */
export function runWorkerProcess(brokerPid: number, maxResultBytes: number): void {
  dieWithParent();
  if (process.ppid !== brokerPid) exitNow(0); // it ended before the kernel knew that it should tell
  ignoreInspectorSignal();
  try {
    adoptOrphans(); // what its plugin leaves behind stays below it, and is the broker's when it ends
  } catch {
    // The broker could not do so either, and has said so (guard-process.ts).
  }
  // Node makes a pipe non-blocking when it first opens the stream on it, which loading koffi and starting a thread both
  // do; a plugin that prints much would find its writes failing. Opened here, the streams are not opened again.
  for (const stream of [process.stdout, process.stderr]) makeBlocking(stream.fd);
  lineBufferStdout();
  const channel = Channel.over(REQUESTS_DESCRIPTOR, ANSWERS_DESCRIPTOR);
  channel.writeBytes(FrameKind.hello, 0, Buffer.alloc(0));
  serveCalls({ channel: channel.shared, board: mapBoard(BOARD_DESCRIPTOR), maxResultBytes });
}
