// Owns judging a value by a JSON Schema (2020-12, 2019-09 and draft 7). The schema is a plugin's, which may be hostile: it
// is interpreted and never compiled to code, and what takes too long is ended.

import { createContext, Script } from "node:vm";
import { dereference, type OutputUnit, type Schema, type SchemaDraft, validate } from "@cfworker/json-schema";
import type { RawJson } from "../../protocol/raw.ts";
import { PlainSchema } from "./plain-schema.ts";

/** Nothing else happens in dlrpc meanwhile. */
const LONGEST_MS = 1000;
/** More issues than anyone reads are left out. */
const MOST_ISSUES = 8;

/** The dialects that are understood, without `http:` or `https:` and `#`. */
const dialects: Readonly<Record<string, SchemaDraft>> = {
  "//json-schema.org/draft/2020-12/schema": "2020-12",
  "//json-schema.org/draft/2019-09/schema": "2019-09",
  "//json-schema.org/draft-07/schema": "7",
};

/** Keywords whose evaluation can take more than time in proportion to the value. */
const COSTLY =
  /"(pattern|patternProperties|propertyNames|format|\$ref|\$recursiveRef|uniqueItems|anyOf|oneOf|allOf|not|if|contains|dependentSchemas|dependencies)"/;
/** Bytes of the schema times values that are judged: milliseconds of work at most, and to be ended takes one, too. */
const CHEAP = 512 * 1024;
/** So many letters of a text are as much work as another value. */
const LETTERS = 1024;

/** Says in the place of a judgement why there is none. */
export class NoJudgement extends Error {}

/** An issue in a value: where it is, as a JSON pointer (RFC 6901), and which keyword of the schema says so. */
export interface SchemaIssue {
  readonly pointer: string;
  readonly keyword: string;
  readonly message: string;
}

/** @returns undefined for a dialect that is not known */
export function draftOf(dialect: string): SchemaDraft | undefined {
  return dialects[dialect.replace(/^https?:/, "").replace(/#$/, "")];
}

export class JsonSchema {
  private readonly schema: Schema;
  private readonly draft: SchemaDraft;
  private readonly lookup: Record<string, Schema | boolean>;
  private readonly bytes: number;
  private readonly isCostly: boolean;
  private readonly plain: PlainSchema | undefined;

  /** @param text of a schema that is well-formed. @throws Error where parts of it are under one name */
  constructor(text: RawJson) {
    this.schema = text.parse() as Schema;
    this.draft = draftOf(String(this.schema.$schema ?? "")) ?? "2020-12";
    this.plain = PlainSchema.of(this.schema); // which is marked by what comes next
    this.lookup = dereference(this.schema);
    this.bytes = text.bytes.length;
    this.isCostly = COSTLY.test(text.toString());
  }

  /** The references in it that lead nowhere. */
  danglingReferences(): string[] {
    const refs = Object.values(this.lookup).flatMap((part) =>
      typeof part === "object" && part.$ref !== undefined ? [part] : [],
    );
    return refs.filter(({ __absolute_ref__: to = "" }) => this.lookup[to] === undefined).map(({ $ref = "" }) => $ref);
  }

  /** The first issues in a value; none where it is as the schema says. @throws NoJudgement */
  judge(value: RawJson): SchemaIssue[] {
    if (this.plain?.fits(value) === true) return [];
    const parsed = value.parse();
    const judge = () => validate(parsed, this.schema, this.draft, this.lookup, false);
    const isCheap = !this.isCostly && isSmall(parsed, CHEAP / this.bytes);
    const { valid, errors } = within(isCheap ? judge : () => inTime(judge));
    return valid ? [] : issuesOf(errors);
  }
}

/** Whether there are at most so many values in this one, itself included. */
function isSmall(value: unknown, most: number): boolean {
  const left = [value];
  let count = 0;
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    count += typeof next === "string" ? 1 + next.length / LETTERS : 1;
    const inner = typeof next === "object" && next !== null ? (Array.isArray(next) ? next : Object.values(next)) : [];
    if (count + left.length + inner.length > most) return false;
    left.push(...inner);
  }
  return true;
}

/** @throws NoJudgement */
function within<T>(judge: () => T): T {
  try {
    return judge();
  } catch (error) {
    if (error instanceof NoJudgement) throw error;
    if (error instanceof RangeError)
      throw new NoJudgement("it is nested too deep, or holds more mistakes than can be listed");
    throw error;
  }
}

const box: { work: () => void } = { work() {} };
const runWork = new Script("work()");
let context: object | undefined;

/** Runs what must not take long; ends it, wherever it is, in a regular expression too. @throws NoJudgement */
function inTime<T>(work: () => T): T {
  context ??= createContext(box);
  let result: { value: T } | undefined;
  box.work = () => {
    result = { value: work() };
  };
  try {
    runWork.runInContext(context, { timeout: LONGEST_MS });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    throw new NoJudgement(`its schema took longer than ${LONGEST_MS} ms to evaluate`);
  } finally {
    box.work = () => {};
  }
  return (result as unknown as { value: T }).value;
}

/** These only say that something further down is wrong, which is said as well. */
const wrappers: ReadonlySet<string> = new Set(["properties", "items", "prefixItems", "allOf", "$ref", "if", "false"]);

function issuesOf(errors: readonly OutputUnit[]): SchemaIssue[] {
  const telling = errors.filter(({ keyword }) => !wrappers.has(keyword));
  return (telling.length > 0 ? telling : errors)
    .slice(0, MOST_ISSUES)
    .map(({ instanceLocation, keyword, error }) => ({ pointer: instanceLocation.slice(1), keyword, message: error }));
}
