// Owns turning the members of params into a method's typed params, or into INVALID_PARAMS that lists every mistake (M4).

import type * as z from "zod/mini";
import { DlrpcError } from "../../protocol/errors.ts";
import { rawMembers } from "../../protocol/messages.ts";
import type { RawJson } from "../../protocol/raw.ts";
import { listMistakes, type Mistake, mistakesOf } from "../json/schema.ts";

/** The members of params as they were written, by name; of a name given twice the last counts. */
export type ParamsMembers = ReadonlyMap<string, RawJson>;

/** @throws DlrpcError INVALID_PARAMS */
export function decodeParams<T extends z.ZodMiniType>(schema: T, members: ParamsMembers): z.output<T> {
  // No prototype: `__proto__` is an ordinary key (M5).
  const values: Record<string, unknown> = Object.create(null);
  for (const [key, raw] of members) values[key] = rawMembers.has(key) ? raw : raw.parse();
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  throw invalidParams(mistakesOf(parsed.error, schema));
}

export function invalidParams(issues: readonly Mistake[], details: Record<string, unknown> = {}): DlrpcError {
  return new DlrpcError("INVALID_PARAMS", `Invalid params: ${listMistakes(issues)}`, { issues, ...details });
}
