// Owns keeping the protocol's streams to the protocol: what else reads stdin finds it empty, what writes to stdout, stderr.

import type { ProtocolStreams } from "../../both-halves/protocol-streams.ts";
import * as posix from "../../posix/protocol-streams.ts";
import * as windows from "../../windows/protocol-streams.ts";
import { system } from "../program/system.ts";

/** To be called once, before `process.stdin` and `process.stdout` are used. @throws CallError, WindowsError */
export function takeProtocolStreams(): ProtocolStreams {
  return system === "windows" ? windows.takeProtocolStreams() : posix.takeProtocolStreams();
}

/** Whether nothing can be read from it, whatever it is open on. On Windows reading says so itself. */
export function isUnreadable(descriptor: number): boolean {
  return system !== "windows" && posix.isUnreadable(descriptor);
}
