// Owns reading what a process that dies of a signal leaves in the control block (native/posix/crash.c). A plugin can write
// there itself: it may make no sense, and what it says is believed of this one crash only.

import { constants } from "node:os";
import {
  CRASH_ADDRESS_OFFSET,
  CRASH_CODE_OFFSET,
  CRASH_MAPS_BYTES,
  CRASH_MAPS_LENGTH_OFFSET,
  CRASH_MAPS_OFFSET,
  CRASH_OFFSET,
  CRASH_REGISTERS,
  CRASH_REGISTERS_OFFSET,
  CRASH_STACK_BYTES,
  CRASH_STACK_LENGTH_OFFSET,
  CRASH_STACK_OFFSET,
  CRASH_STACK_START_OFFSET,
} from "../../../native/frames/frames.ts";
import type { End } from "../../platform/end.ts";

/** Signals by which a fault has an address (sigaction(2)). */
const WITH_ADDRESS: ReadonlySet<string> = new Set(["SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL"]);
/** SI_KERNEL: the system does not say where. */
const NOWHERE = 0x80;
const MOST_MAPPINGS = 1024;

/** Where code is. */
export interface Mapping {
  readonly start: bigint;
  readonly end: bigint;
  /** Of its beginning in the file. */
  readonly offset: number;
  /** Of the file, as the system has it; empty where there is none. */
  readonly path: string;
}

export interface CrashRecord {
  /** Of what could not be reached, or of the instruction; undefined where the system did not say. */
  readonly address: bigint | undefined;
  readonly programCounter: bigint;
  /** As DWARF numbers them. */
  readonly registers: readonly bigint[];
  readonly stackStart: bigint;
  readonly stack: Buffer;
  readonly mappings: readonly Mapping[];
  /** Whether what called it can be found; on Windows the tables for that have another form, which is not read. */
  readonly hasCallers: boolean;
}

/**
 * @param controlBlock all of it
 * @param end of the process
 * @returns undefined where there is nothing of such an end
 */
export function readCrashRecord(controlBlock: Buffer, end: End): CrashRecord | undefined {
  const isException = end.exception !== undefined;
  const number = isException ? end.exitCode : signalNumber(end.signal);
  if (number === null || controlBlock.readUInt32LE(CRASH_OFFSET) !== number) return undefined;
  const code = controlBlock.readInt32LE(CRASH_OFFSET + CRASH_CODE_OFFSET);
  const registers = Array.from({ length: CRASH_REGISTERS }, (_, i) =>
    controlBlock.readBigUInt64LE(CRASH_REGISTERS_OFFSET + 8 * i),
  );
  const mayHaveAddress = isException || WITH_ADDRESS.has(end.signal ?? "");
  const hasAddress = mayHaveAddress && code > 0 && code !== NOWHERE;
  return {
    address: hasAddress ? controlBlock.readBigUInt64LE(CRASH_OFFSET + CRASH_ADDRESS_OFFSET) : undefined,
    programCounter: registers.pop() ?? 0n,
    registers,
    stackStart: controlBlock.readBigUInt64LE(CRASH_OFFSET + CRASH_STACK_START_OFFSET),
    stack: part(controlBlock, CRASH_STACK_OFFSET, CRASH_STACK_LENGTH_OFFSET, CRASH_STACK_BYTES),
    mappings: mappingsIn(
      part(controlBlock, CRASH_MAPS_OFFSET, CRASH_MAPS_LENGTH_OFFSET, CRASH_MAPS_BYTES).toString("utf8"),
    ),
    hasCallers: !isException,
  };
}

function signalNumber(signal: string | null): number | null {
  return Object.entries(constants.signals).find(([name]) => name === signal)?.[1] ?? null;
}

/** A copy: something that the process has started may still write there. */
function part(controlBlock: Buffer, at: number, lengthOffset: number, most: number): Buffer {
  const length = Math.min(controlBlock.readUInt32LE(CRASH_OFFSET + lengthOffset), most);
  return Buffer.from(controlBlock.subarray(at, at + length));
}

/** Of lines of /proc/self/maps; what is not of their form is left out. */
function mappingsIn(text: string): Mapping[] {
  const lines = text.split("\n", MOST_MAPPINGS);
  return lines.flatMap((line) => {
    const found = /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) ..x. ([0-9a-f]{1,13}) [0-9a-f:]+ \d+ *(.*)$/.exec(line);
    if (found === null) return [];
    const [, start = "", end = "", offset = "", path = ""] = found;
    return [
      {
        start: BigInt(`0x${start}`),
        end: BigInt(`0x${end}`),
        offset: Number.parseInt(offset, 16),
        path: withoutState(path),
      },
    ];
  });
}

/** The name without what the system says of a file that is not there any more. */
export function withoutState(path: string): string {
  return path.endsWith(" (deleted)") ? path.slice(0, -" (deleted)".length) : path;
}
