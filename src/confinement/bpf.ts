// Owns a tiny assembler of seccomp filters (seccomp(2), classic BPF): a filter is put together of parts that each end in a
// verdict, so that a jump never leads further than past the part behind it.

/** BPF_LD | BPF_W | BPF_ABS and so on (linux/bpf_common.h). */
const LOAD = 0x20;
const AND = 0x54;
const JUMP_EQUAL = 0x15;
const JUMP_AT_LEAST = 0x35;
const JUMP_ANY_BIT = 0x45;
const RETURN = 0x06;

/** Verdicts (SECCOMP_RET_*). */
const ALLOW = 0x7fff0000;
const ERRNO = 0x00050000;
const KILL_PROCESS = 0x80000000;

/** What a filter can look at (struct seccomp_data). */
const NUMBER_OFFSET = 0;
const ARCHITECTURE_OFFSET = 4;
const ARGUMENTS_OFFSET = 16;

interface Instruction {
  readonly code: number;
  readonly value: number;
  /** How many instructions to leave out where the test of a jump holds, and where it does not. */
  readonly skipIf: number;
  readonly skipElse: number;
}

/**
 * A part of a filter, of instructions and other parts: none is copied into what it becomes a part of. What `then` and
 * `otherwise` are below ends in a verdict on every way through it.
 */
export type Part = readonly (Instruction | Part)[];

const instruction = (code: number, value: number, skipIf = 0, skipElse = 0): Instruction => ({
  code,
  value,
  skipIf,
  skipElse,
});

/** At most 255 instructions can be left out: `then` must be short, `otherwise` need not. */
const jump =
  (code: number) =>
  (value: number, then: Part, otherwise: Part): Part => [instruction(code, value, 0, lengthOf(then)), then, otherwise];

export const ifEqual = jump(JUMP_EQUAL);
export const ifAtLeast = jump(JUMP_AT_LEAST);
export const ifAnyBit = jump(JUMP_ANY_BIT);

export function unlessEqual(value: number, then: Part, otherwise: Part): Part {
  return [instruction(JUMP_EQUAL, value, lengthOf(then)), then, otherwise];
}

export function ifOneOf(values: readonly number[], then: Part, otherwise: Part): Part {
  return values.reduceRight<Part>((rest, value) => ifEqual(value, then, rest), otherwise);
}

export const allow: Part = [instruction(RETURN, ALLOW)];
export const kill: Part = [instruction(RETURN, KILL_PROCESS)];
export const fail = (errno: number): Part => [instruction(RETURN, ERRNO | errno)];

/** What the jumps that follow look at. Arguments have 64 bits; the kernel reads an int from the lower half alone. */
export const architecture = (): Part => [instruction(LOAD, ARCHITECTURE_OFFSET)];
export const number = (): Part => [instruction(LOAD, NUMBER_OFFSET)];
export const argument = (index: number): Part => [instruction(LOAD, ARGUMENTS_OFFSET + 8 * index)];
export const upperHalf = (index: number): Part => [instruction(LOAD, ARGUMENTS_OFFSET + 8 * index + 4)];
/** Keeps only some bits of it. */
export const bits = (mask: number): Part => [instruction(AND, mask)];

export const INSTRUCTION_BYTES = 8;

/** The filter as the kernel takes it: an array of struct sock_filter. */
export function assemble(filter: Part): Buffer {
  const instructions = instructionsOf(filter);
  const bytes = Buffer.alloc(instructions.length * INSTRUCTION_BYTES);
  for (const [i, { code, value, skipIf, skipElse }] of instructions.entries()) {
    const at = i * INSTRUCTION_BYTES;
    bytes.writeUInt16LE(code, at);
    bytes.writeUInt8(skipIf, at + 2);
    bytes.writeUInt8(skipElse, at + 3); // throws where a part is too long to be left out
    bytes.writeUInt32LE(value >>> 0, at + 4);
  }
  return bytes;
}

function instructionsOf(part: Part, found: Instruction[] = []): Instruction[] {
  for (const piece of part) {
    if ("code" in piece) found.push(piece);
    else instructionsOf(piece, found);
  }
  return found;
}

function lengthOf(part: Part): number {
  return instructionsOf(part).length;
}
