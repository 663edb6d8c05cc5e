// Owns the params of a message: found where they were written, and turned into a method's typed params or into
// INVALID_PARAMS that lists every issue (M4).

import type * as z from "zod/mini";
import { documentation } from "../../protocol/documentation.ts";
import { DlrpcError } from "../../protocol/errors.ts";
import { type FastForm, matchesForm, rawMembers } from "../../protocol/fast-path.ts";
import { RawJson } from "../../protocol/raw.ts";
import { scanObject, skipValue } from "../json/scan.ts";
import { type Issue, judge, listIssues } from "../json/schema.ts";

/** No method has as many params. What comes after as many is not kept; that they are unknown is clear by then. */
const MOST_MEMBERS = 1000;
/** The longest text of a member that is parsed: paths, numbers and lists of names, which are short. */
const LONGEST_PARSED = 512 * 1024;
/** Longer names than anyone reads are cut. */
const LONGEST_NAME = 200;

/** Where the members that a method names for this begin and end; 0 for one that is not there. */
export interface MemberIndex {
  start(index: number): number;
  end(index: number): number;
}

/** The object in `params`, as it was written; valid as long as the message that it is part of. */
export class Params {
  static readonly none = new Params(Buffer.from("{}"), 0);
  readonly bytes: Buffer;
  private readonly start: number;
  private readonly memberIndex: MemberIndex | undefined;

  /**
   * @param bytes a message that is well-formed
   * @param start where the object begins in it
   * @param memberIndex absent where there may be other members
   */
  constructor(bytes: Buffer, start: number, memberIndex?: MemberIndex) {
    this.bytes = bytes;
    this.start = start;
    this.memberIndex = memberIndex;
  }

  /** Whether all members are among those that `spanStart` and `spanEnd` tell of. */
  get areIndexed(): boolean {
    return this.memberIndex !== undefined;
  }

  /** Where the value of an indexed member begins; 0 where it is absent. */
  spanStart(index: number): number {
    return this.memberIndex?.start(index) ?? 0;
  }

  spanEnd(index: number): number {
    return this.memberIndex?.end(index) ?? 0;
  }

  /** The values by name; of a name given twice the last counts. */
  members(): ReadonlyMap<string, RawJson> {
    const members = new Map<string, RawJson>();
    scanObject(this.bytes, this.start, (key, at) => {
      const end = skipValue(this.bytes, at);
      if (members.size < MOST_MEMBERS || members.has(key)) members.set(key, new RawJson(this.bytes.subarray(at, end)));
      return end;
    });
    return members;
  }
}

/** What params must be. */
export interface Form<T extends z.ZodMiniObject> {
  /** Built when it is needed. */
  readonly schema: () => T;
  /** What is right without a look at the schema; default: nothing. */
  readonly form?: FastForm;
}

/** @returns typed params, which may be kept @throws DlrpcError INVALID_PARAMS */
export function decodeParams<T extends z.ZodMiniObject>({ schema, form }: Form<T>, params: Params): z.output<T> {
  const known = form && fastValues(form, params);
  return known === undefined ? judgedValues(schema(), params) : (known as z.output<T>);
}

/** @returns undefined where the schema has to judge them */
function fastValues(form: FastForm, params: Params): object | undefined {
  const values: Record<string, unknown> = {};
  for (const [key, raw] of params.members()) {
    if (!Object.hasOwn(form.members, key) || raw.bytes.length > LONGEST_PARSED) return undefined;
    values[key] = rawMembers.has(key) ? raw.kept() : raw.parse();
  }
  return matchesForm(values, form) ? values : undefined;
}

function judgedValues<T extends z.ZodMiniObject>(schema: T, params: Params): z.output<T> {
  // No prototype: `__proto__` is an ordinary key (M5).
  const values: Record<string, unknown> = Object.create(null);
  for (const [key, raw] of params.members()) {
    if (!Object.hasOwn(schema.shape, key))
      values[key.slice(0, LONGEST_NAME)] = null; // only its name matters
    else if (rawMembers.has(key)) values[key] = raw.kept();
    else values[key] = parseShort(key, raw);
  }
  const judged = judge(schema, values);
  if ("data" in judged) return judged.data;
  throw invalidParams(judged.issues, hintOf(schema, judged.issues));
}

/** A member that is a short text, of params that need not be as they must be. */
export function textOf(params: Params, name: string): string | undefined {
  const raw = params.members().get(name);
  if (raw === undefined || raw.bytes.length > LONGEST_PARSED) return undefined;
  const value = raw.parse();
  return typeof value === "string" ? value : undefined;
}

/** What the first member that is wrong is about. */
function hintOf(schema: z.ZodMiniObject, [issue]: readonly Issue[]): { hint?: string } {
  const [name = ""] = issue?.path.split(".") ?? [];
  const member = Object.hasOwn(schema.shape, name) ? schema.shape[name] : undefined;
  const description = member && documentation.get(member)?.description;
  return description === undefined ? {} : { hint: `${name}: ${description}` };
}

/** @throws DlrpcError INVALID_PARAMS where it is so long that its value would be a burden */
function parseShort(path: string, raw: RawJson): unknown {
  if (raw.bytes.length <= LONGEST_PARSED) return raw.parse();
  throw invalidParams([{ path, message: `must be at most ${LONGEST_PARSED} bytes long` }]);
}

export function invalidParams(issues: readonly Issue[], details: Record<string, unknown> = {}): DlrpcError {
  return new DlrpcError("INVALID_PARAMS", `Invalid params: ${listIssues(issues)}`, { issues, ...details });
}
