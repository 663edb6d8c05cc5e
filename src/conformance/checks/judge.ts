// The judgement on messages: whether one is as expected, and whether every request has its one response.

import type { Received } from "../server/output-reader.ts";
import type { Pattern } from "../transcript/pattern.ts";
import { printable } from "./conversation.ts";
import type { JsonValue } from "./json-value.ts";
import { type Captures, describe, type Mismatch, mismatch } from "./match.ts";

/** What a server did that it must not do, or the other way round. */
export class Deviation extends Error {
  readonly found: string;
  readonly expected: string;

  constructor(found: string, expected: string) {
    super(`found ${found}, expected ${expected}`);
    this.found = found;
    this.expected = expected;
  }
}

/** Takes away the first pattern that the message fits. @returns what it captures @throws Deviation */
export function requireOneOf(patterns: Pattern[], message: Received | undefined): Captures {
  const expected = patterns.map(describe).join(" or ");
  if (message === undefined) throw new Deviation("the end of the output", expected);
  const { json, frame, problem } = message;
  if (json === undefined) throw new Deviation(`${printable(frame)} (${problem})`, expected);
  let wrong: Mismatch | undefined;
  for (const [i, pattern] of patterns.entries()) {
    const captures: Captures = new Map();
    wrong = mismatch(pattern, json, captures);
    if (wrong !== undefined) continue;
    patterns.splice(i, 1);
    return captures;
  }
  if (wrong === undefined || patterns.length > 1) throw new Deviation(printable(message.body), expected);
  const place = wrong.path === "" ? "" : `${wrong.path}: `;
  throw new Deviation(`${place}${wrong.found}`, `${place}${wrong.needed}`);
}

/** Counts the responses to each request that a transcript has sent. */
export class Responses {
  private readonly counts = new Map<string, number>();

  /** @param id its JSON text */
  asked(id: string): void {
    this.counts.set(id, 0);
  }

  came(json: JsonValue): void {
    if (json.type === "array") for (const element of json.elements) this.came(element);
    if (json.type !== "object" || json.member("method") !== undefined) return;
    const id = json.member("id")?.text ?? "";
    const count = this.counts.get(id);
    if (count !== undefined) this.counts.set(id, count + 1);
  }

  /** @throws Deviation */
  requireOneEach(): void {
    for (const [id, count] of this.counts) {
      if (count !== 1) throw new Deviation(`${count} responses to the request ${id}`, "one");
    }
  }
}
