// Owns plugin/execute. It is the method that must be fast: its params are taken from where they were spotted when the
// message was checked, and what does not look as usual is left to the schema.

import type { DlrpcError } from "../../protocol/errors.ts";
import { ExecuteParams, spottedParams } from "../../protocol/messages.ts";
import { RawJson } from "../../protocol/raw.ts";
import { Call, type CallReply } from "../hosting/call.ts";
import type { PluginHost } from "../hosting/plugin-host.ts";
import { composeContext } from "../plugins/context.ts";
import { decodeParams, type Params } from "../rpc/params.ts";
import type { IncomingRequest } from "../rpc/request.ts";
import type { Audit } from "./audit.ts";
import type { Method } from "./method.ts";
import type { Notifications } from "./notifications.ts";
import type { Session } from "./session.ts";

const EMPTY_OBJECT = RawJson.from({});
const LONGEST_TIMEOUT_MS = 0x7fffffff;
const OPEN_BRACE = 0x7b;

const [HANDLE, INPUT, WORKSPACE_ROOT, CONFIG, TIMEOUT_MS, PROGRESS_TOKEN] = (
  ["handle", "input", "workspaceRoot", "config", "timeoutMs", "progressToken"] as const
).map((name) => spottedParams.indexOf(name)) as [number, number, number, number, number, number];

export function executeMethod(
  host: PluginHost,
  session: Session,
  notifications: Notifications,
  audit: Audit,
  defaultTimeoutMs: number | null,
): Method {
  return (request) => {
    const written = request.takeParams();
    const params = spotted(written) ?? decodeParams(ExecuteParams, written);
    const handle = host.find(params.handle);
    const { input = EMPTY_OBJECT, workspaceRoot = session.workspaceRoot } = params;
    const config = params.config ?? handle.defaults.config ?? EMPTY_OBJECT;
    const timeoutMs = params.timeoutMs ?? handle.defaults.timeoutMs ?? defaultTimeoutMs ?? undefined;
    const reply = audit.call(handle, input, new Reply(request, notifications, params.progressToken));
    const call = new Call(handle, composeContext(input, workspaceRoot, config), timeoutMs, reply);
    request.begin(call);
    handle.execute(call);
  };
}

class Reply implements CallReply {
  private readonly request: IncomingRequest;
  private readonly progress: ReturnType<Notifications["progressOf"]>;

  constructor(request: IncomingRequest, notifications: Notifications, token: string | number | undefined) {
    this.request = request;
    this.progress = notifications.progressOf(token);
  }

  get requestId(): string {
    return this.request.id;
  }

  started(): void {
    this.progress.begin();
  }

  result(result: RawJson): void {
    this.progress.end();
    this.request.give(result);
  }

  error(error: DlrpcError): void {
    this.progress.end();
    this.request.reject(error);
  }
}

/** The params, valid as long as the message; undefined where the schema has to judge them. */
function spotted(params: Params): ExecuteParams | undefined {
  if (!params.areSpotted) return undefined;
  const handle = value(params, HANDLE);
  const input = object(params, INPUT);
  const config = object(params, CONFIG);
  if (typeof handle !== "string" || input === null || config === null) return undefined;
  const found: ExecuteParams = { handle };
  if (input !== undefined) found.input = input;
  if (config !== undefined) found.config = config;
  return others(params, found) ? found : undefined;
}

/** Adds the members that most calls do not have. @returns whether they are as they must be */
function others(params: Params, found: ExecuteParams): boolean {
  if (params.spanStart(WORKSPACE_ROOT) !== 0) {
    const workspaceRoot = value(params, WORKSPACE_ROOT);
    if (workspaceRoot !== null && typeof workspaceRoot !== "string") return false;
    found.workspaceRoot = workspaceRoot;
  }
  if (params.spanStart(TIMEOUT_MS) !== 0) {
    const timeoutMs = value(params, TIMEOUT_MS) as number;
    if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > LONGEST_TIMEOUT_MS) return false;
    found.timeoutMs = timeoutMs;
  }
  if (params.spanStart(PROGRESS_TOKEN) !== 0) {
    const token = value(params, PROGRESS_TOKEN);
    if (typeof token !== "string" && !Number.isSafeInteger(token)) return false;
    found.progressToken = token as string | number;
  }
  return true;
}

/** Longer ones are for the schema to refuse. */
const LONGEST_VALUE = 4096;

/** A member's value; undefined where it is absent, or too long to be right. */
function value(params: Params, member: number): unknown {
  const start = params.spanStart(member);
  const end = params.spanEnd(member);
  if (start === 0 || end - start > LONGEST_VALUE) return undefined;
  const text = params.bytes.toString("utf8", start, end);
  return text.startsWith('"') && !text.includes("\\") ? text.slice(1, -1) : JSON.parse(text);
}

/** The text of a member that is an object; undefined where it is absent, null where it is something else. */
function object(params: Params, member: number): RawJson | undefined | null {
  const start = params.spanStart(member);
  if (start === 0) return undefined;
  if (params.bytes[start] !== OPEN_BRACE) return null;
  return new RawJson(params.bytes.subarray(start, params.spanEnd(member)));
}
