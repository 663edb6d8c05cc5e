// Owns keeping the protocol's streams to the protocol: whatever else in this process reads stdin finds it
// empty, and whatever writes to stdout writes to stderr.

import { openSync } from "node:fs";
import { devNull } from "node:os";
import type { ProtocolStreams } from "../../both-halves/protocol-streams.ts";
import { duplicateDescriptor, redirectDescriptor } from "../kernel/descriptors.ts";

export { isUnreadable } from "../kernel/descriptors.ts";

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;

/** @throws CallError */
export function takeProtocolStreams(): ProtocolStreams {
  const inputDescriptor = duplicateDescriptor(STDIN);
  const outputDescriptor = duplicateDescriptor(STDOUT);
  redirectDescriptor(STDIN, openSync(devNull, "r"));
  redirectDescriptor(STDOUT, STDERR);
  return { inputDescriptor, outputDescriptor };
}
