// The errors that the document lists with each method are those that the transcripts see it answer with.

import { expect, test } from "vitest";
import { type ErrorKind, errorKinds } from "../../protocol/error-kinds.ts";
import { commonErrors, methods } from "../../protocol/methods.ts";
import type { Transcript } from "../../src/conformance/transcript/format.ts";
import { rules, transcripts } from "../support/conformance.ts";

type Method = keyof typeof methods;

/** What a request can fail with before it is one of its method. */
const ofMessages: readonly string[] = ["DUPLICATE_ID", "METHOD_NOT_FOUND", "MESSAGE_TOO_LARGE", "OVERLOADED"];
/** What no transcript can bring forth. */
const invisible = rules.filter((rule) => rule.invisible === true).map(({ rule }) => rule);

/** `method KIND` for each error that a transcript expects as the answer to a request. */
function* expectedErrors({ steps }: Transcript): Generator<string> {
  const asked = new Map<unknown, string>();
  for (const { kind, action } of steps) {
    if (kind === "request") asked.set(action.request.id, action.request.method);
    const answers = kind === "expect" ? [action.expect] : kind === "expectAll" ? action.expectAll : [];
    for (const answer of answers) {
      const { id, error } = answer as { id?: unknown; error?: { data?: { kind?: unknown } } };
      const method = asked.get(id);
      if (method !== undefined && typeof error?.data?.kind === "string") yield `${method} ${error.data.kind}`;
    }
  }
}

const seen = new Set(transcripts.flatMap((transcript) => [...expectedErrors(transcript)]));

test("each error that a method was seen to answer with is listed with it", () => {
  const unlisted = [...seen].filter((each) => {
    const [method = "", kind = ""] = each.split(" ");
    if (ofMessages.includes(kind) || !Object.hasOwn(methods, method)) return false;
    const listed: readonly string[] = [...commonErrors, ...methods[method as Method].errors];
    return !listed.includes(kind);
  });
  expect(seen.size).toBeGreaterThan(40);
  expect(unlisted).toEqual([]);
});

test("each error that is listed with a method was seen, or cannot be brought forth", () => {
  // A reload fails as a load does, by the same code.
  const others: { [method in Method]?: Method } = { "plugin/reload": "plugin/load" };
  const isSeen = (method: Method, kind: ErrorKind): boolean => {
    const other = others[method];
    return invisible.includes(kind) || seen.has(`${method} ${kind}`) || (other !== undefined && isSeen(other, kind));
  };
  const unseen = (Object.keys(methods) as Method[]).flatMap((method) => {
    const listed: readonly ErrorKind[] = ["INVALID_PARAMS", ...methods[method].errors];
    return listed.filter((kind) => !isSeen(method, kind)).map((kind) => `${method} ${kind}`);
  });
  // Methods without params, and one that is answered by a file; what is used up is what a load meets first.
  const usedUp = ["plugin/discover RESOURCES_EXHAUSTED", "plugin/validate RESOURCES_EXHAUSTED"];
  expect(unseen).toEqual(["rpc.discover INVALID_PARAMS", ...usedUp]);
});

test("each kind is listed with a method, or comes of a message that is no request of one", () => {
  const beforeMethods = ["PARSE_ERROR", "BAD_FRAME", "INVALID_REQUEST", ...ofMessages];
  const listed = new Set<string>([
    ...beforeMethods,
    ...commonErrors,
    ...Object.values(methods).flatMap(({ errors }): readonly ErrorKind[] => errors),
  ]);
  expect(Object.keys(errorKinds).filter((kind) => !listed.has(kind))).toEqual([]);
});
