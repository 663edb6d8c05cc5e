// Owns turning what a schema found wrong into mistakes that a person can mend.

import { en } from "zod/locales";
import * as z from "zod/mini";
import { didYouMean } from "../base/nearest.ts";

z.config(en());

/** One mistake in a document: where it is (`sandbox.read.0`) and what was needed. */
export interface Mistake {
  path: string;
  message: string;
}

/** More mistakes than anyone reads are left out. */
const MOST_MISTAKES = 100;

/** What a schema makes of a value, or the first mistakes that it finds in it: at least one. */
export type Judgement<T> = { data: T } | { mistakes: readonly Mistake[] };

export function judge<T extends z.core.$ZodType>(schema: T, value: unknown): Judgement<z.output<T>> {
  try {
    const parsed = z.safeParse(schema, value);
    return parsed.success ? { data: parsed.data } : { mistakes: mistakesOf(parsed.error, schema) };
  } catch (error) {
    // zod hands mistakes on as arguments, of which there can be about 100,000.
    if (!(error instanceof RangeError)) throw error;
    return { mistakes: [{ path: "", message: "more mistakes than can be listed" }] };
  }
}

/** The first mistakes that a schema found; an unknown member is named with the nearest known one. */
function mistakesOf(error: z.core.$ZodError, schema: z.core.$ZodType): Mistake[] {
  const mistakes = error.issues.slice(0, MOST_MISTAKES).flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code !== "unrecognized_keys") return [{ path: path.join("."), message: issue.message }];
    const known = memberNames(schema, path);
    return issue.keys.map((key) => ({
      path: [...path, key].join("."),
      message: `unknown member${didYouMean(key, known)}`,
    }));
  });
  return mistakes.slice(0, MOST_MISTAKES); // one issue can be of many members
}

/** All mistakes in one line. */
export function listMistakes(mistakes: readonly Mistake[]): string {
  return mistakes.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; ");
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
