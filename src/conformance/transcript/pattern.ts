// The form of patterns: JSON that stands for itself, and objects of `$` members that say what a value must be.

import * as z from "zod/mini";
import { judge, listIssues } from "../../json/schema.ts";
import { Pieces } from "./pieces.ts";

export type Pattern = z.core.util.JSONType;

const jsonTypes = ["string", "number", "integer", "boolean", "null", "object", "array"] as const;
export type JsonTypeName = (typeof jsonTypes)[number];
const TypeName = z.enum(jsonTypes);

/** What a matcher may say; all that it says must hold. */
const Matcher = z.strictObject({
  /** The value is of one of these types. */
  $type: z.optional(z.union([TypeName, z.array(TypeName)])),
  /** It is a string in which the regular expression is found, or each of several. */
  $regex: z.optional(z.union([z.string(), z.array(z.string())])),
  /** Its text, without white space between tokens, is this. */
  $raw: z.optional(Pieces),
  /** It is an object with just these members. */
  $exact: z.optional(z.record(z.string(), z.json())),
  /** It is an array that holds just these, in any order. */
  $anyOrder: z.optional(z.array(z.json())),
  /** It is an array in which each of these is found. */
  $contains: z.optional(z.array(z.json())),
  /** It is an array of which every element is this. */
  $each: z.optional(z.json()),
  /** It is one of these. */
  $oneOf: z.optional(z.array(z.json())),
  /** It is not this. */
  $not: z.optional(z.json()),
  /** It is a number, at least or at most this. */
  $min: z.optional(z.number()),
  $max: z.optional(z.number()),
  /** There is no such member. */
  $absent: z.optional(z.literal(true)),
  /** It is kept as a variable of this name. */
  $capture: z.optional(z.string()),
});
export type Matcher = z.output<typeof Matcher>;
export const matcherNames = Object.keys(Matcher.def.shape);

export const Pattern: z.ZodMiniType<Pattern> = z.json().check(({ value, issues }) => {
  for (const message of issuesIn(value)) issues.push({ code: "custom", message, input: value });
});

/** The matcher that a pattern is, or undefined where it stands for itself. Patterns are checked when they are read. */
export function asMatcher(pattern: Pattern): Matcher | undefined {
  return isObject(pattern) && Object.keys(pattern).some((key) => key.startsWith("$"))
    ? (pattern as Matcher)
    : undefined;
}

function issuesIn(pattern: Pattern): string[] {
  if (Array.isArray(pattern)) return pattern.flatMap(issuesIn);
  if (!isObject(pattern)) return [];
  const own = Object.entries(pattern).flatMap(([key, value]) => (key === "$raw" ? [] : issuesIn(value)));
  if (asMatcher(pattern) === undefined) return own;
  const judged = judge(Matcher, pattern);
  return "data" in judged ? own : [...own, listIssues(judged.issues)];
}

function isObject(pattern: Pattern): pattern is Record<string, Pattern> {
  return typeof pattern === "object" && pattern !== null && !Array.isArray(pattern);
}
