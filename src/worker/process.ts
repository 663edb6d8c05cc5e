// Owns the worker as a process of its own: bound to the life of the broker that started it.

import { dieWithParent, exitNow, lineBufferStdout } from "../native/libc.ts";
import { serveCalls } from "./call-loop.ts";
import { Channel } from "./channel.ts";
import { CHANNEL_DESCRIPTOR, FrameKind } from "./frames.ts";

/** @param brokerPid the process that started this one: without it, this one must not live */
export function runWorkerProcess(brokerPid: number, maxResultBytes: number): void {
  dieWithParent();
  if (process.ppid !== brokerPid) exitNow(0); // it ended before the kernel knew that it should tell
  lineBufferStdout();
  const channel = Channel.over(CHANNEL_DESCRIPTOR);
  channel.write(FrameKind.hello, 0, Buffer.alloc(0));
  serveCalls(channel, { channel: channel.shared, maxResultBytes });
}
