// Owns plugin/execute. It is the method that must be fast: its params are taken from where they were indexed when the
// message was checked, and what does not look as usual is left to the schema.

import type { DlrpcError } from "../../../protocol/errors.ts";
import { indexedParams } from "../../../protocol/fast-path.ts";
import { ExecuteParams, type LogLevel, type ProgressReport } from "../../../protocol/messages.ts";
import { RawJson } from "../../../protocol/raw.ts";
import { Call, type CallReply } from "../../calls/call.ts";
import { composeContext } from "../../calls/context.ts";
import type { PluginTable } from "../../plugin-table/plugin-table.ts";
import { decodeParams, type Params } from "../../rpc/params.ts";
import { RepeatedString } from "../../rpc/repeated-string.ts";
import type { IncomingRequest } from "../../rpc/request.ts";
import type { Audit } from "../audit.ts";
import type { CallNotifications, Notifications } from "../notifications.ts";
import type { Session } from "../session.ts";
import type { Settings } from "../settings.ts";
import type { Method } from "./method.ts";

const EMPTY_OBJECT = RawJson.from({});
const LONGEST_TIMEOUT_MS = 0x7fffffff;
const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;

const placeOf = (name: (typeof indexedParams)[number]) => indexedParams.indexOf(name);
const HANDLE = placeOf("handle");
const INPUT = placeOf("input");
const WORKSPACE_ROOT = placeOf("workspaceRoot");
const CONFIG = placeOf("config");
const TIMEOUT_MS = placeOf("timeoutMs");
const PROGRESS_TOKEN = placeOf("progressToken");
const PARTIAL_RESULTS = placeOf("partialResults");
const CANCEL_GRACE_MS = placeOf("cancelGraceMs");

export function executeMethod(
  plugins: PluginTable,
  session: Session,
  notifications: Notifications,
  audit: Audit,
  settings: Settings,
): Method {
  return (request) => {
    const written = request.takeParams();
    const params = indexed(written) ?? decodeParams({ schema: () => ExecuteParams }, written);
    const handle = plugins.find(params.handle);
    const { input = EMPTY_OBJECT, workspaceRoot = session.workspaceRoot } = params;
    const config = params.config ?? handle.defaults.config ?? EMPTY_OBJECT;
    const timeoutMs = params.timeoutMs ?? handle.defaults.timeoutMs ?? settings.timeoutMs ?? undefined;
    const graceMs = params.cancelGraceMs ?? settings.cancelGraceMs;
    const reply = audit.call(handle, input, new Reply(request, handle.id, notifications.ofCall(params)));
    const call = new Call(handle, composeContext(input, workspaceRoot, config), { timeoutMs, graceMs }, reply);
    request.begin(call);
    handle.execute(call);
  };
}

class Reply implements CallReply {
  private readonly request: IncomingRequest;
  private readonly handle: string;
  private readonly notifications: CallNotifications;

  constructor(request: IncomingRequest, handle: string, notifications: CallNotifications) {
    this.request = request;
    this.handle = handle;
    this.notifications = notifications;
  }

  get requestId(): string {
    return this.request.id;
  }

  get wanted(): number {
    return this.notifications.wanted;
  }

  started(): void {
    this.notifications.begin();
  }

  isBehind(): boolean {
    return this.notifications.isBehind();
  }

  progress(report: ProgressReport): void {
    this.notifications.report(report);
  }

  output(value: RawJson): void {
    this.notifications.output(this.request.id, value);
  }

  said(level: LogLevel, text: string): void {
    this.notifications.said(this.handle, this.request.id, level, text);
  }

  result(result: RawJson): void {
    this.notifications.end();
    this.request.give(result);
  }

  error(error: DlrpcError): void {
    this.notifications.end();
    this.request.reject(error);
  }
}

/** The params, valid as long as the message; undefined where the schema has to judge them. */
function indexed(params: Params): ExecuteParams | undefined {
  if (!params.areIndexed) return undefined;
  const handle = handleOf(params);
  const input = object(params, INPUT);
  const config = object(params, CONFIG);
  if (handle === undefined || input === null || config === null) return undefined;
  const found: ExecuteParams = { handle, input, config };
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
  if (params.spanStart(PARTIAL_RESULTS) !== 0) {
    const partialResults = value(params, PARTIAL_RESULTS);
    if (typeof partialResults !== "boolean") return false;
    found.partialResults = partialResults;
  }
  if (params.spanStart(CANCEL_GRACE_MS) !== 0) {
    const cancelGraceMs = value(params, CANCEL_GRACE_MS) as number;
    if (!Number.isInteger(cancelGraceMs) || cancelGraceMs < 0 || cancelGraceMs > LONGEST_TIMEOUT_MS) return false;
    found.cancelGraceMs = cancelGraceMs;
  }
  return true;
}

const lastHandle = new RepeatedString();

/** Undefined where it is no string. */
function handleOf(params: Params): string | undefined {
  const start = params.spanStart(HANDLE);
  const end = params.spanEnd(HANDLE);
  if (params.bytes[start] !== QUOTE || end - start > LONGEST_VALUE) return undefined;
  return lastHandle.at(params.bytes, start, end);
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
  const { buffer, byteOffset } = params.bytes;
  return new RawJson(new Uint8Array(buffer, byteOffset + start, params.spanEnd(member) - start));
}
