// Owns keeping the protocol's streams to the protocol: whatever else in this process reads stdin finds it
// empty, and whatever writes to stdout writes to stderr.

import { openSync } from "node:fs";
import { devNull } from "node:os";
import { duplicateDescriptor, redirectDescriptor } from "../carrier/linux/descriptors.ts";

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;

export interface ProtocolStreams {
  inputDescriptor: number;
  outputDescriptor: number;
}

export function takeProtocolStreams(): ProtocolStreams {
  const inputDescriptor = duplicateDescriptor(STDIN);
  const outputDescriptor = duplicateDescriptor(STDOUT);
  redirectDescriptor(STDIN, openSync(devNull, "r"));
  redirectDescriptor(STDOUT, STDERR);
  return { inputDescriptor, outputDescriptor };
}
