// A tiny assembler of seccomp filters (seccomp(2), classic BPF): a filter is put together of parts that each end in a
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
const USER_NOTIF = 0x7fc00000;
const ACTION = 0x7fff0000;
const ERRNO_BITS = 0xffff;

/** What a filter can look at (struct seccomp_data). */
const NUMBER_OFFSET = 0;
const ARCHITECTURE_OFFSET = 4;
const ARGUMENTS_OFFSET = 16;

/** As struct sock_filter: the code with what to leave out, and the value. */
interface Instruction {
  readonly code: number;
  readonly value: number;
}

/**
 * A part of a filter, of instructions and other parts: none is copied into what it becomes a part of. What `then` and
 * `otherwise` are below ends in a verdict on every way through it.
 */
export type Part = readonly (Instruction | Part)[];

const MOST_SKIPPED = 255;

/**
 * @param skipIf how many instructions to leave out where the test of a jump holds
 * @param skipElse how many where it does not
 */
function instruction(code: number, value: number, skipIf = 0, skipElse = 0): Instruction {
  if (skipIf > MOST_SKIPPED || skipElse > MOST_SKIPPED)
    throw new Error("a part of a filter is too long to be left out");
  return { code: (code | (skipIf << 16) | (skipElse << 24)) >>> 0, value };
}

/** `then` must be short, for it is what can be left out; `otherwise` need not. */
const jump =
  (code: number) =>
  (value: number, then: Part, otherwise: Part): Part => [instruction(code, value, 0, lengthOf(then)), then, otherwise];

export const ifEqual = jump(JUMP_EQUAL);
export const ifAtLeast = jump(JUMP_AT_LEAST);
export const ifAnyBit = jump(JUMP_ANY_BIT);

export function unlessEqual(value: number, then: Part, otherwise: Part): Part {
  return [instruction(JUMP_EQUAL, value, lengthOf(then)), then, otherwise];
}

/** Whether it is `from` or more, and less than `end`. `then` must be short. */
export function ifWithin(from: number, end: number, then: Part, otherwise: Part): Part {
  const length = lengthOf(then);
  return [instruction(JUMP_AT_LEAST, from, 0, length + 1), instruction(JUMP_AT_LEAST, end, length, 0), then, otherwise];
}

export function ifOneOf(values: readonly number[], then: Part, otherwise: Part): Part {
  return values.reduceRight<Part>((rest, value) => ifEqual(value, then, rest), otherwise);
}

export const allow: Part = [instruction(RETURN, ALLOW)];
/** The call waits until whoever holds the filter's listener answers. */
export const ask: Part = [instruction(RETURN, USER_NOTIF)];
export const kill: Part = [instruction(RETURN, KILL_PROCESS)];
export const fail = (errno: number): Part => [instruction(RETURN, ERRNO | errno)];

/** What the jumps that follow look at. Arguments have 64 bits; the kernel reads an int from the lower half alone. */
export const architecture = (): Part => [instruction(LOAD, ARCHITECTURE_OFFSET)];
export const number = (): Part => [instruction(LOAD, NUMBER_OFFSET)];
export const argument = (index: number): Part => [instruction(LOAD, ARGUMENTS_OFFSET + 8 * index)];
export const upperHalf = (index: number): Part => [instruction(LOAD, ARGUMENTS_OFFSET + 8 * index + 4)];
/** Keeps only some bits of it. */
export const bits = (mask: number): Part => [instruction(AND, mask)];

/** The filter as the kernel takes it: two numbers an instruction, the second one its value. */
export function assemble(filter: Part): Uint32Array {
  const words = new Uint32Array(2 * lengthOf(filter));
  let at = 0;
  const put = (part: Part): void => {
    for (const piece of part) {
      if ("code" in piece) {
        words[at++] = piece.code;
        words[at++] = piece.value;
      } else put(piece);
    }
  };
  put(filter);
  return words;
}

/** The same filter, which asks where it would say that a call fails, but for one with `errno`. */
export function askingFor(filter: Uint32Array, errno: number): Uint32Array {
  return filter.map((value, i) => {
    const isRefusal = i % 2 === 1 && filter[i - 1] === RETURN && (value & ACTION) === ERRNO;
    return isRefusal && (value & ERRNO_BITS) !== errno ? USER_NOTIF : value;
  });
}

/**
 * What a filter says of a call, as the kernel runs it.
 * @param data as struct seccomp_data
 * @returns the errno that it has the call fail with; "ask"; "pass" for all else
 */
export function verdictOf(filter: Uint32Array, data: Buffer): number | "ask" | "pass" {
  let found = 0;
  for (let at = 0; at < filter.length; at += 2) {
    const [word = 0, value = 0] = filter.subarray(at, at + 2);
    const skip = (holds: boolean) => 2 * ((word >>> (holds ? 16 : 24)) & 0xff);
    switch (word & 0xffff) {
      case LOAD:
        found = data.readUInt32LE(value);
        break;
      case AND:
        found = (found & value) >>> 0;
        break;
      case JUMP_EQUAL:
        at += skip(found === value);
        break;
      case JUMP_AT_LEAST:
        at += skip(found >= value);
        break;
      case JUMP_ANY_BIT:
        at += skip((found & value) !== 0);
        break;
      case RETURN:
        if (value === USER_NOTIF) return "ask";
        return (value & ACTION) === ERRNO ? value & ERRNO_BITS : "pass";
      default:
        throw new Error(`a filter has an instruction ${word & 0xffff} that dlrpc never makes`);
    }
  }
  throw new Error("a filter ends without a verdict");
}

function lengthOf(part: Part): number {
  let length = 0;
  for (const piece of part) length += "code" in piece ? 1 : lengthOf(piece);
  return length;
}
