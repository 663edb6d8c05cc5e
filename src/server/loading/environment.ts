// Owns which variables a load may add to the environment of its plugin (P7, S6).

import type { Sandbox } from "../../../protocol/messages.ts";
import type { Issue } from "../../json/schema.ts";
import { invalidParams } from "../../rpc/params.ts";
import { mayPass, type Variables, whyNotSet } from "../../sandbox/environment.ts";
import type { Session } from "../session.ts";

/** A program starts with at most so many, and so many bytes of names and values. */
const MOST_VARIABLES = 256;
const MOST_BYTES = 64 * 1024;

/**
 * What a load asks for.
 * @throws DlrpcError INVALID_PARAMS naming each variable that it may not set, and why
 */
export function environmentOf(asked: Variables, { profile }: Sandbox, { settings }: Session): Variables {
  const isOperators = (name: string) => settings.maxSandbox !== "none" && mayPass(name);
  const problem = (name: string, value: string): string | undefined => {
    if (name === "") return "a variable needs a name";
    if (/[=\0]/.test(name)) return "a name holds no `=` and no NUL";
    if (value.includes("\0")) return "a value holds no NUL";
    if (!name.isWellFormed() || !value.isWellFormed()) return "must be Unicode, without half of a surrogate pair";
    if (isOperators(name)) return `is dlrpc's own to pass on: it was started with --max-sandbox ${settings.maxSandbox}`;
    const reason = whyNotSet(name, profile ?? settings.sandbox);
    return reason === undefined ? undefined : `is not taken: it ${reason}`;
  };
  const entries = Object.entries(asked);
  const issues: Issue[] = entries.flatMap(([name, value]) => {
    const message = problem(name, value);
    return message === undefined ? [] : [{ path: `env.${name}`, message }];
  });
  const bytes = entries.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  if (entries.length > MOST_VARIABLES || bytes > MOST_BYTES) {
    const found = `${entries.length} variables of ${bytes} bytes together`;
    issues.unshift({ path: "env", message: `${found}; at most ${MOST_VARIABLES} of ${MOST_BYTES} bytes are taken` });
  }
  if (issues.length > 0) throw invalidParams(issues);
  return asked;
}
