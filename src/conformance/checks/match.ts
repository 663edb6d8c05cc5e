// The comparison of what came with what a transcript expects.

import { sep } from "node:path";
import { slashed } from "../../base/paths.ts";
import { asMatcher, type JsonTypeName, type Matcher, type Pattern } from "../transcript/pattern.ts";
import { type JsonValue, withoutSpace } from "./json-value.ts";

/** Where a value is not as expected: `path` as in `result.plugins.0`. */
export interface Mismatch {
  readonly path: string;
  readonly found: string;
  readonly needed: string;
}

export type Captures = Map<string, Pattern>;

const EXCERPT = 300;

/** @param captures is given what the pattern captures, also where it does not fit in the end */
export function mismatch(pattern: Pattern, value: JsonValue | undefined, captures: Captures): Mismatch | undefined {
  const [first] = mismatches(pattern, value, "", captures);
  return first;
}

/** In the order in which they are found. Nobody asks for a second one: what is behind a `yield` relies on that. */
type Mismatches = Generator<Mismatch, void>;

function* mismatches(pattern: Pattern, value: JsonValue | undefined, path: string, captures: Captures): Mismatches {
  const matcher = asMatcher(pattern);
  if (value === undefined) {
    if (matcher?.$absent !== true) yield { path, found: "nothing", needed: describe(pattern) };
  } else if (matcher !== undefined) {
    yield* ofMatcher(matcher, value, path, captures);
  } else if (Array.isArray(pattern)) {
    if (value.type !== "array") yield differs(path, value, describe(pattern));
    const { elements } = value;
    if (elements.length !== pattern.length) yield differs(path, value, `${pattern.length} elements`);
    for (const [i, each] of pattern.entries()) yield* mismatches(each, elements[i], join(path, i), captures);
  } else if (typeof pattern === "object" && pattern !== null) {
    if (value.type !== "object") yield differs(path, value, describe(pattern));
    for (const [name, each] of Object.entries(pattern)) {
      yield* mismatches(each, value.member(name), join(path, name), captures);
    }
  } else if (!isSame(value.value, pattern)) {
    yield differs(path, value, describe(pattern));
  }
}

function* ofMatcher(matcher: Matcher, value: JsonValue, path: string, captures: Captures): Mismatches {
  const unlike = (needed: string) => differs(path, value, needed);
  const fits = (pattern: Pattern, of: JsonValue) => mismatch(pattern, of, captures) === undefined;
  const { $absent, $type, $regex, $raw, $exact, $anyOrder, $contains, $each, $oneOf, $not, $min, $max } = matcher;
  if ($absent === true) yield unlike("no such member");
  const types = [$type ?? []].flat();
  if ($type !== undefined && !types.some((type) => hasType(value, type))) yield unlike(`of type ${types.join(" or ")}`);
  for (const regex of [$regex ?? []].flat()) if (!contains(value, regex)) yield unlike(`a string like /${regex}/`);
  if ($raw !== undefined) {
    const needed = withoutSpace(String($raw));
    if (value.compactText !== needed) yield unlike(`just this text: ${shorten(needed)}`);
  }
  if ($exact !== undefined) yield* ofExact($exact, value, path, captures);
  if ($anyOrder !== undefined) yield* ofAnyOrder($anyOrder, value, path, captures);
  if (($contains !== undefined || $each !== undefined) && value.type !== "array") yield unlike("an array");
  for (const each of $contains ?? []) {
    if (!value.elements.some((element) => fits(each, element))) yield unlike(holding(each));
  }
  if ($each !== undefined) {
    for (const [i, element] of value.elements.entries()) yield* mismatches($each, element, join(path, i), captures);
  }
  if ($oneOf !== undefined && !$oneOf.some((each) => fits(each, value))) yield unlike(`one of ${describe($oneOf)}`);
  if ($not !== undefined && fits($not, value)) yield unlike(`anything but ${describe($not)}`);
  if ($min !== undefined && !(Number(value.value) >= $min)) yield unlike(`at least ${$min}`);
  if ($max !== undefined && !(Number(value.value) <= $max)) yield unlike(`at most ${$max}`);
  if (matcher.$capture !== undefined) captures.set(matcher.$capture, value.value);
}

function* ofExact(
  pattern: Readonly<Record<string, Pattern>>,
  value: JsonValue,
  path: string,
  captures: Captures,
): Mismatches {
  if (value.type !== "object") yield differs(path, value, "an object");
  const names = new Set<string>();
  for (const [name, member] of value.members) {
    if (!Object.hasOwn(pattern, name)) yield differs(join(path, name), member, "no such member");
    if (names.has(name)) yield differs(join(path, name), member, "the member once");
    names.add(name);
  }
  yield* mismatches(pattern, value, path, captures);
}

/** Each element is taken by the first pattern that it fits. */
function* ofAnyOrder(patterns: readonly Pattern[], value: JsonValue, path: string, captures: Captures): Mismatches {
  if (value.type !== "array") yield differs(path, value, "an array");
  const left = [...patterns];
  for (const [i, element] of value.elements.entries()) {
    const at = left.findIndex((pattern) => mismatch(pattern, element, captures) === undefined);
    if (at < 0) yield differs(join(path, i), element, `one of ${describe(left)}`);
    left.splice(at, 1);
  }
  for (const pattern of left) yield differs(path, value, holding(pattern));
}

function differs(path: string, value: JsonValue, needed: string): Mismatch {
  return { path, found: shorten(value.text), needed };
}

function isSame(value: Pattern, scalar: Pattern): boolean {
  return typeof value === "string" ? eitherWay(value, (text) => text === scalar) : value === scalar;
}

/** Whether a text that came holds for one that a transcript says: as it is, or as paths are written there, with `/`. */
function eitherWay(text: string, holds: (text: string) => boolean): boolean {
  return holds(text) || (sep !== "/" && holds(slashed(text)));
}

function contains(value: JsonValue, regex: string): boolean {
  return value.type === "string" && eitherWay(String(value.value), (text) => new RegExp(regex, "u").test(text));
}

function hasType(value: JsonValue, type: JsonTypeName): boolean {
  return type === "integer" ? Number.isInteger(value.value) : value.type === type;
}

function holding(pattern: Pattern): string {
  return `an array that holds ${describe(pattern)}`;
}

export function describe(pattern: Pattern): string {
  return shorten(JSON.stringify(pattern));
}

export function shorten(text: string): string {
  return text.length > EXCERPT ? `${text.slice(0, EXCERPT)}… (${text.length} characters)` : text;
}

function join(path: string, step: string | number): string {
  return path === "" ? `${step}` : `${path}.${step}`;
}
