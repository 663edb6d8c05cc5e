// Owns the comparison of what came with what a transcript expects.

import { type JsonValue, withoutSpace } from "./json-value.ts";
import { asMatcher, type JsonTypeName, type Matcher, type Pattern } from "./pattern.ts";

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
  return compare(pattern, value, "", captures);
}

function compare(
  pattern: Pattern,
  value: JsonValue | undefined,
  path: string,
  captures: Captures,
): Mismatch | undefined {
  const matcher = asMatcher(pattern);
  if (matcher?.$absent === true) return value && { path, found: shorten(value.text), needed: "no such member" };
  if (value === undefined) return { path, found: "nothing", needed: describe(pattern) };
  const differs = (needed = describe(pattern)) => ({ path, found: shorten(value.text), needed });
  if (matcher !== undefined) return compareMatcher(matcher, value, path, captures);
  if (Array.isArray(pattern)) {
    if (value.type !== "array") return differs();
    const { elements } = value;
    if (elements.length !== pattern.length) return differs(`${pattern.length} elements`);
    return firstOf(pattern.map((each, i) => () => compare(each, elements[i], join(path, i), captures)));
  }
  if (typeof pattern === "object" && pattern !== null) {
    if (value.type !== "object") return differs();
    return firstOf(
      Object.entries(pattern).map(
        ([name, each]) =>
          () =>
            compare(each, value.member(name), join(path, name), captures),
      ),
    );
  }
  return value.value === pattern ? undefined : differs();
}

function compareMatcher(matcher: Matcher, value: JsonValue, path: string, captures: Captures): Mismatch | undefined {
  const unless = (holds: boolean, needed: string): Mismatch | undefined =>
    holds ? undefined : { path, found: shorten(value.text), needed };
  const inner = (pattern: Pattern, of: JsonValue, at = path) => compare(pattern, of, at, captures);
  const fits = (pattern: Pattern, of: JsonValue) => inner(pattern, of) === undefined;
  const { $type, $regex, $raw, $exact, $anyOrder, $contains, $each, $oneOf, $not, $min, $max, $capture } = matcher;
  const failed = firstOf([
    () =>
      $type &&
      unless(
        [$type].flat().some((type) => hasType(value, type)),
        `of type ${[$type].flat().join(" or ")}`,
      ),
    () =>
      firstOf([$regex ?? []].flat().map((regex) => () => unless(contains(value, regex), `a string like /${regex}/`))),
    () => {
      if ($raw === undefined) return undefined;
      const needed = withoutSpace(String($raw));
      return unless(value.compactText === needed, `just this text: ${shorten(needed)}`);
    },
    () => $exact && compareExact($exact, value, path, captures),
    () => $anyOrder && compareInAnyOrder($anyOrder, value, path, captures),
    () =>
      $contains &&
      (unless(value.type === "array", "an array") ??
        firstOf(
          $contains.map(
            (each) => () =>
              unless(
                value.elements.some((element) => fits(each, element)),
                holding(each),
              ),
          ),
        )),
    () =>
      $each === undefined
        ? undefined
        : (unless(value.type === "array", "an array") ??
          firstOf(value.elements.map((element, i) => () => inner($each, element, join(path, i))))),
    () =>
      $oneOf &&
      unless(
        $oneOf.some((each) => fits(each, value)),
        `one of ${describe($oneOf)}`,
      ),
    () => ($not === undefined ? undefined : unless(!fits($not, value), `anything but ${describe($not)}`)),
    () => ($min === undefined ? undefined : unless(Number(value.value) >= $min, `at least ${$min}`)),
    () => ($max === undefined ? undefined : unless(Number(value.value) <= $max, `at most ${$max}`)),
  ]);
  if (failed === undefined && $capture !== undefined) captures.set($capture, value.value);
  return failed;
}

function compareExact(
  pattern: Readonly<Record<string, Pattern>>,
  value: JsonValue,
  path: string,
  captures: Captures,
): Mismatch | undefined {
  if (value.type !== "object") return { path, found: shorten(value.text), needed: "an object" };
  const { members } = value;
  for (const [i, [name, member]] of members.entries()) {
    const found = shorten(member.text);
    if (!Object.hasOwn(pattern, name)) return { path: join(path, name), found, needed: "no such member" };
    const isTwice = members.findIndex(([each]) => each === name) !== i;
    if (isTwice) return { path: join(path, name), found, needed: "the member once" };
  }
  return compare(pattern, value, path, captures);
}

/** Each element is taken by the first pattern that it fits. */
function compareInAnyOrder(
  patterns: readonly Pattern[],
  value: JsonValue,
  path: string,
  captures: Captures,
): Mismatch | undefined {
  if (value.type !== "array") return { path, found: shorten(value.text), needed: "an array" };
  const left = [...patterns];
  for (const [i, element] of value.elements.entries()) {
    const at = left.findIndex((pattern) => compare(pattern, element, path, captures) === undefined);
    if (at < 0) return { path: join(path, i), found: shorten(element.text), needed: `one of ${describe(left)}` };
    left.splice(at, 1);
  }
  return left.length === 0 ? undefined : { path, found: shorten(value.text), needed: holding(left[0] as Pattern) };
}

function contains(value: JsonValue, regex: string): boolean {
  return value.type === "string" && new RegExp(regex, "u").test(String(value.value));
}

function hasType(value: JsonValue, type: JsonTypeName): boolean {
  return type === "integer" ? Number.isInteger(value.value) : value.type === type;
}

function firstOf(checks: readonly (() => Mismatch | undefined)[]): Mismatch | undefined {
  for (const check of checks) {
    const found = check();
    if (found !== undefined) return found;
  }
  return undefined;
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
