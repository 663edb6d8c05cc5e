// Owns turning the members of params into a method's typed params, or into INVALID_PARAMS that lists every mistake (M4).

import type * as z from "zod/mini";
import { DlrpcError } from "../../protocol/errors.ts";
import { rawMembers } from "../../protocol/messages.ts";
import type { RawJson } from "../../protocol/raw.ts";
import { listMistakes, type Mistake, mistakesOf } from "../json/schema.ts";

/** The members of params as they were written, by name; of a name given twice the last counts. */
export type ParamsMembers = ReadonlyMap<string, RawJson>;

/** The longest text of a member that is parsed: paths, numbers and lists of names, which are short. */
const LONGEST_PARSED = 1024 * 1024;
/** More mistakes, and longer names, than anyone reads are left out. */
const MOST_MISTAKES = 100;
const LONGEST_NAME = 200;

/** How many bytes of the params are kept in one form or another; raw ones are counted by those who keep them (E7). */
export function parsedBytes(members: ParamsMembers): number {
  let sum = 0;
  for (const [key, { bytes }] of members) if (!rawMembers.has(key)) sum += Math.min(bytes.length, LONGEST_PARSED);
  return sum;
}

/** @throws DlrpcError INVALID_PARAMS */
export function decodeParams<T extends z.ZodMiniObject>(schema: T, members: ParamsMembers): z.output<T> {
  // No prototype: `__proto__` is an ordinary key (M5).
  const values: Record<string, unknown> = Object.create(null);
  for (const [key, raw] of members) {
    if (!Object.hasOwn(schema.shape, key))
      values[key.slice(0, LONGEST_NAME)] = null; // only its name matters
    else if (rawMembers.has(key)) values[key] = raw;
    else values[key] = parseShort(key, raw);
  }
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  throw invalidParams(mistakesOf(parsed.error, schema).slice(0, MOST_MISTAKES));
}

/** @throws DlrpcError INVALID_PARAMS where it is so long that its value would be a burden */
function parseShort(path: string, raw: RawJson): unknown {
  if (raw.bytes.length <= LONGEST_PARSED) return raw.parse();
  throw invalidParams([{ path, message: `must be at most ${LONGEST_PARSED} bytes long` }]);
}

export function invalidParams(issues: readonly Mistake[], details: Record<string, unknown> = {}): DlrpcError {
  return new DlrpcError("INVALID_PARAMS", `Invalid params: ${listMistakes(issues)}`, { issues, ...details });
}
