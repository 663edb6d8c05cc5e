// Owns tools/call: a call of a plugin as `plugin/execute` makes it, with MCP's words around it (G6 to G9).

import { Wanted } from "../../../native/frames/frames.ts";
import { DlrpcError } from "../../../protocol/errors.ts";
import type { ProgressReport } from "../../../protocol/messages.ts";
import { LARGE_BYTES, RawJson } from "../../../protocol/raw.ts";
import { Call, type CallReply, type CallTimes } from "../../calls/call.ts";
import { composeContext } from "../../calls/context.ts";
import type { CheckedResult } from "../../calls/result.ts";
import { free } from "../../ffi/large-memory.ts";
import { type JsonSchema, NoJudgement, type SchemaIssue } from "../../json/json-schema.ts";
import { knownError } from "../../platform/exhaustion.ts";
import type { PluginHandle } from "../../plugin-table/plugin-handle.ts";
import type { IncomingRequest } from "../../rpc/request.ts";
import type { Audit } from "../../server/audit.ts";
import type { Meta } from "../revision.ts";
import type { Arriving } from "./arriving.ts";
import { type Channel, Progress } from "./progress.ts";
import { type Destination, failed, notDone, succeeded } from "./result.ts";
import type { Tool } from "./tool.ts";

/** What all calls have in common. */
export interface CallOptions {
  readonly audit: Audit;
  readonly workspaceRoot: string | null;
  readonly times: CallTimes;
  readonly channel: Channel;
  readonly arriving: Arriving;
}

/** Of what an issue names, in letters. */
const LONGEST_SHOWN = 1000;

const NO_CONFIG = RawJson.from({});

/** Calls a tool, loading its plugin where that is not loaded. @param input an object, valid until this returns */
export function callTool(tool: Tool, input: RawJson, request: IncomingRequest, meta: Meta, options: CallOptions): void {
  const { workspaceRoot } = options;
  const to = { tool: tool.name, revision: meta.revision, id: request.id, workspaceRoot };
  const wrong = tool.input && misfit("INVALID_PARAMS", "Its arguments are", tool.input, input);
  if (wrong !== undefined) return request.give(notDone(wrong, to));
  const { handle } = tool;
  if (handle !== undefined) return execute(handle, tool, input, request, meta, to, options);
  const kept = input.kept();
  options.arriving.later(request, async () => {
    const loaded = await loadedOrError(tool); // for which others may wait, too, so that nobody cancels it
    if (!request.isWaiting) return;
    if (loaded instanceof DlrpcError) request.give(notDone(loaded, to));
    else execute(loaded, tool, kept, request, meta, to, options);
  });
}

async function loadedOrError(tool: Tool): Promise<PluginHandle | DlrpcError> {
  try {
    return await tool.loaded();
  } catch (error) {
    const known = knownError(error);
    if (known === undefined) throw error;
    return known;
  }
}

function execute(
  handle: PluginHandle,
  tool: Tool,
  input: RawJson,
  request: IncomingRequest,
  meta: Meta,
  to: Destination,
  { audit, workspaceRoot, times, channel }: CallOptions,
): void {
  const progress = new Progress(meta.progressToken, channel);
  const reply = audit.call(handle, input, new Reply(tool, request, progress, to));
  const call = new Call(handle, composeContext(input, workspaceRoot, NO_CONFIG), times, reply);
  request.begin(call);
  tool.callBegins();
  handle.execute(call);
}

class Reply implements CallReply {
  private readonly tool: Tool;
  private readonly request: IncomingRequest;
  private readonly reports: Progress;
  private readonly to: Destination;

  constructor(tool: Tool, request: IncomingRequest, progress: Progress, to: Destination) {
    this.tool = tool;
    this.request = request;
    this.reports = progress;
    this.to = to;
  }

  get requestId(): string {
    return this.request.id;
  }

  get wanted(): number {
    return this.reports.isWanted ? Wanted.wantsProgress : 0;
  }

  started(): void {
    this.reports.begin();
  }

  isBehind(): boolean {
    return this.reports.isBehind();
  }

  progress(report: ProgressReport): void {
    this.reports.report(report);
  }

  output(): void {} // MCP has no partial results

  said(): void {} // nor, any more, a log

  result(document: CheckedResult): void {
    this.tool.callEnded();
    const answer = this.answerOf(document);
    if (document.bytes.length >= LARGE_BYTES) free(document.bytes);
    this.reports.end();
    this.request.give(answer);
  }

  error(error: DlrpcError): void {
    this.tool.callEnded();
    if (error.kind === "REQUEST_CANCELLED") return this.request.drop();
    this.reports.end();
    this.request.give(notDone(error, this.to));
  }

  private answerOf(returned: CheckedResult): RawJson {
    if (!returned.isSuccess) return failed(returned, this.to);
    const { output } = this.tool;
    const wrong = output && misfit("INVALID_RESULT", "The output of its plugin is", output, returned.output);
    return wrong === undefined ? succeeded(returned, this.to) : notDone(wrong, this.to);
  }
}

/** @returns the error for a value that is not as its schema says; undefined where it is */
function misfit(
  kind: "INVALID_PARAMS" | "INVALID_RESULT",
  what: string,
  schema: JsonSchema,
  value: RawJson,
): DlrpcError | undefined {
  try {
    const issues = schema.judge(value);
    if (issues.length === 0) return undefined;
    return new DlrpcError(kind, `${what} not as its schema says: ${issues.map(inWords).join("; ")}`);
  } catch (error) {
    if (!(error instanceof NoJudgement)) throw error;
    return new DlrpcError(kind, `${what} not as its schema says, as far as can be told: ${error.message}`);
  }
}

function inWords({ pointer, keyword, message }: SchemaIssue): string {
  return `${pointer === "" ? "the whole" : cut(pointer)}: ${cut(message.replace(/\.$/, ""))} (${keyword})`;
}

/** Both hold what was written by whoever made the value or the schema, at any length: a client hangs up at a long line. */
function cut(text: string): string {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}
