// Owns finding the callers of what a process ran when it crashed: from the registers and the copy of the stack that it left,
// by the tables in the libraries, and by frame pointers where there are none, as in code of Go.

import { MOST_FRAMES } from "../../../protocol/backtrace.ts";
import { type CallFrame, callFrameAt } from "../../plugins/formats/dwarf/call-frames.ts";
import { ElfOnDisk } from "../../plugins/formats/elf/elf-on-disk.ts";
import type { CrashRecord, Mapping } from "./crash-record.ts";
import type { LoadedLibraries } from "./loaded-libraries.ts";

const WORD = 8;
/** Above that, places in code are signed on some processors (ARM, pointer authentication). */
const ADDRESS_BITS = 48;

interface Processor {
  readonly stackPointer: number;
  readonly framePointer: number;
  /** Where the place to return to is right after a call; undefined where the call has put it on the stack. */
  readonly link: number | undefined;
}

const processors: Readonly<Record<string, Processor>> = {
  x64: { stackPointer: 7, framePointer: 6, link: undefined },
  arm64: { stackPointer: 31, framePointer: 29, link: 30 },
};

/** A place in code: the first is where it crashed, the others are behind the calls that led there. */
export interface Place {
  readonly at: bigint;
  /** Where that is in the process; undefined where no code is there. */
  readonly mapping: Mapping | undefined;
}

interface State {
  readonly registers: readonly bigint[];
  readonly place: Place;
  /** Whether that is where it stood, and not behind a call, which may have been the last that a function did. */
  readonly isExact: boolean;
}

/** @returns at most MOST_FRAMES places, of what called dlrpc's own worker none */
export function unwind(record: CrashRecord, libraries: LoadedLibraries): Place[] {
  const processor = processors[process.arch];
  const at = record.programCounter;
  let state: State | undefined = {
    registers: record.registers,
    place: { at, mapping: mappingOf(record, at) },
    isExact: true,
  };
  const places: Place[] = [];
  while (state !== undefined && places.length < MOST_FRAMES) {
    places.push(state.place);
    state = record.hasCallers ? processor && callerOf(state, { record, libraries, processor }) : undefined;
    if (state?.place.mapping === undefined || libraries.isWorker(state.place.mapping)) break;
  }
  return places;
}

interface Surroundings {
  readonly record: CrashRecord;
  readonly libraries: LoadedLibraries;
  readonly processor: Processor;
}

function callerOf(state: State, surroundings: Surroundings): State | undefined {
  const { place, isExact } = state;
  if (place.mapping === undefined) return afterCall(state, surroundings);
  const behind = isExact ? 0 : 1; // the call is before the place to which it returns
  const frame = surroundings.libraries.read(place.mapping, (file) => {
    const address = file.addressOf(offsetOf(place.mapping as Mapping, place.at));
    // On macOS all code keeps frame pointers.
    return address === undefined || !(file instanceof ElfOnDisk) ? undefined : callFrameAt(file, address - behind);
  });
  return frame === undefined ? byFramePointer(state, surroundings) : byTable(state, frame, surroundings);
}

/** Something has called a place where no code is. */
function afterCall({ registers }: State, { record, processor }: Surroundings): State | undefined {
  const { stackPointer, link } = processor;
  const top = registers[stackPointer] ?? 0n;
  if (link !== undefined) return next(record, registers, registers[link]);
  return next(record, registers.with(stackPointer, top + BigInt(WORD)), wordAt(record, top));
}

function byTable(
  { registers, place }: State,
  frame: CallFrame,
  { record, processor }: Surroundings,
): State | undefined {
  const { stackPointer } = processor;
  const base = BigInt.asUintN(64, (registers[frame.register] ?? 0n) + BigInt(frame.offset));
  const caller = [...registers];
  caller[stackPointer] = base;
  for (const [register, rule] of frame.rules) {
    if (rule.kind === "none") {
      if (register === frame.returns) return undefined; // the first function of all
    } else if (rule.kind === "at") {
      caller[register] = wordAt(record, base + BigInt(rule.offset)) ?? 0n;
    } else if (rule.kind === "is") {
      caller[register] = base + BigInt(rule.offset);
    } else if (rule.kind === "register") {
      caller[register] = registers[rule.register] ?? 0n;
    }
  }
  const isFurther = base > (registers[stackPointer] ?? 0n) || caller[frame.returns] !== place.at;
  return isFurther ? next(record, caller, caller[frame.returns], frame.isSignal) : undefined;
}

function byFramePointer({ registers }: State, { record, processor }: Surroundings): State | undefined {
  const { stackPointer, framePointer } = processor;
  const frame = registers[framePointer] ?? 0n;
  if (frame < (registers[stackPointer] ?? 0n)) return undefined;
  const caller = registers.with(framePointer, wordAt(record, frame) ?? 0n).with(stackPointer, frame + BigInt(2 * WORD));
  return next(record, caller, wordAt(record, frame + BigInt(WORD)));
}

function next(
  record: CrashRecord,
  registers: readonly bigint[],
  returnsTo: bigint | undefined,
  isExact = false,
): State | undefined {
  if (returnsTo === undefined) return undefined;
  const at = BigInt.asUintN(ADDRESS_BITS, returnsTo);
  return { registers, place: { at, mapping: mappingOf(record, at) }, isExact };
}

function wordAt({ stack, stackStart }: CrashRecord, address: bigint): bigint | undefined {
  const at = address - stackStart;
  return at >= 0n && at <= BigInt(stack.length - WORD) ? stack.readBigUInt64LE(Number(at)) : undefined;
}

function mappingOf({ mappings }: CrashRecord, at: bigint): Mapping | undefined {
  return mappings.find(({ start, end }) => at >= start && at < end);
}

/** Where in its file a place is. */
export function offsetOf({ start, offset }: Mapping, at: bigint): number {
  return Number(at - start) + offset;
}
