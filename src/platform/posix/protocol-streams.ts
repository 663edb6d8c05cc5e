// Owns moving the protocol's streams to other descriptors (dup(2), dup2(2)), and what they were opened for.

import { openSync } from "node:fs";
import { devNull } from "node:os";
import { checked, libc } from "../../ffi/libc.ts";
import type { ProtocolStreams } from "../both-halves/protocol-streams.ts";
import { keepFromOthers } from "./pipe.ts";

const dup = libc("dup", "int", ["int"]);
const dup2 = libc("dup2", "int", ["int", "int"]);
const fcntl = libc("fcntl", "int", ["int", "int"]); // what varies is left out: it would go astray on macOS

// The same numbers on all systems.
const F_GETFL = 3;
const O_ACCMODE = 3;
const O_WRONLY = 1;

const [STDIN, STDOUT, STDERR] = [0, 1, 2];

/** @throws CallError */
export function takeProtocolStreams(): ProtocolStreams {
  const inputDescriptor = checked("dup", dup(STDIN));
  const outputDescriptor = checked("dup", dup(STDOUT));
  for (const descriptor of [inputDescriptor, outputDescriptor]) keepFromOthers(descriptor);
  checked("dup2", dup2(openSync(devNull, "r"), STDIN));
  checked("dup2", dup2(STDERR, STDOUT));
  return { inputDescriptor, outputDescriptor };
}

/** @throws CallError such as EBADF */
export function isUnreadable(descriptor: number): boolean {
  return (checked("fcntl(F_GETFL)", fcntl(descriptor, F_GETFL)) & O_ACCMODE) === O_WRONLY;
}
