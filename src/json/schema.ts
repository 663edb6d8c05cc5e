// Owns turning what a schema found wrong into issues that a person can mend.

import { en } from "zod/locales";
import * as z from "zod/mini";
import { didYouMean } from "../base/nearest.ts";

z.config(en());

/** One issue in a document: where it is (`sandbox.read.0`) and what was needed. */
export interface Issue {
  path: string;
  message: string;
}

/** More issues than anyone reads are left out. */
const MOST_ISSUES = 100;

/** What a schema makes of a value, or the first issues that it finds in it: at least one. */
export type Judgement<T> = { data: T } | { issues: readonly Issue[] };

export function judge<T extends z.core.$ZodType>(schema: T, value: unknown): Judgement<z.output<T>> {
  try {
    const parsed = z.safeParse(schema, value);
    return parsed.success ? { data: parsed.data } : { issues: issuesOf(parsed.error, schema) };
  } catch (error) {
    // zod hands issues on as arguments, of which there can be about 100,000.
    if (!(error instanceof RangeError)) throw error;
    return { issues: [{ path: "", message: "more mistakes than can be listed" }] };
  }
}

/** The first issues that a schema found; an unknown member is named with the nearest known one. */
function issuesOf(error: z.core.$ZodError, schema: z.core.$ZodType): Issue[] {
  const issues = error.issues.slice(0, MOST_ISSUES).flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code !== "unrecognized_keys") return [{ path: path.join("."), message: issue.message }];
    const known = memberNames(schema, path);
    return issue.keys.map((key) => ({
      path: [...path, key].join("."),
      message: `unknown member${didYouMean(key, known)}`,
    }));
  });
  return issues.slice(0, MOST_ISSUES); // one issue can be of many members
}

/** All issues in one line. */
export function listIssues(issues: readonly Issue[]): string {
  return issues.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; ");
}

/** The names that the object schema at `path` knows. */
function memberNames(schema: z.core.$ZodType, path: readonly string[]): string[] {
  let at: z.core.$ZodType | undefined = schema;
  for (const step of path) at = at && objectShape(at)[step];
  return at ? Object.keys(objectShape(at)) : [];
}

function objectShape(schema: z.core.$ZodType): Readonly<Record<string, z.core.$ZodType>> {
  const { def } = schema._zod;
  if (def.type === "object") return (def as z.core.$ZodObjectDef).shape;
  if (def.type === "optional") return objectShape((def as z.core.$ZodOptionalDef).innerType);
  return {};
}
