// Owns the server: puts the parts together.

import { whenProcessEnds } from "#platform/processes/own-process";
import { DlrpcError } from "../../protocol/errors.ts";
import { emptyForm, initializeForm } from "../../protocol/fast-path.ts";
import { EmptyParams, InitializeParams } from "../../protocol/messages.ts";
import { RawJson } from "../../protocol/raw.ts";
import { didYouMean } from "../base/nearest.ts";
import { version } from "../base/version.ts";
import { FlowControl } from "../calls/back-pressure.ts";
import type { AuditLog } from "../observe/audit-log.ts";
import { log } from "../observe/log.ts";
import { inBackground } from "../platform/both-halves/promises.ts";
import type { ProtocolStreams } from "../platform/both-halves/protocol-streams.ts";
import { requirePart } from "../platform/program-parts.ts";
import { PluginTable } from "../plugin-table/plugin-table.ts";
import { Connection } from "../rpc/connection.ts";
import type { IncomingRequest } from "../rpc/request.ts";
import { Audit } from "./audit.ts";
import { type Exit, LifeCycle, untilExit } from "./life-cycle.ts";
import { inspectionMethods } from "./methods/inspection-methods.ts";
import { type Method, method } from "./methods/method.ts";
import { pluginMethods } from "./methods/plugin-methods.ts";
import { Notifications } from "./notifications.ts";
import { Session, tellVersions } from "./session.ts";
import type { Settings } from "./settings.ts";

/** Serves one host. @returns the status to exit with, once everything is answered and every worker has ended */
export function serve(settings: Settings, streams: ProtocolStreams, auditLog?: AuditLog): Promise<number> {
  const audit = new Audit(auditLog);
  return untilExit(audit, (exit) => new Server(settings, streams, audit, exit));
}

/** What a client of MCP asks for first, whichever revision it speaks. */
const MCP_METHOD = /^(server|tools|resources|prompts|subscriptions)\//;

class Server {
  private readonly settings: Settings;
  private readonly session: Session;
  private readonly plugins: PluginTable;
  private readonly notifications: Notifications;
  private readonly connection: Connection;
  private readonly methods: Map<string, Method>;
  private readonly audit: Audit;
  private readonly life: LifeCycle;
  private hadRequest = false;
  /** Whether the host named a process to end with, in the place of the one that started this one (L4). */
  private hasNamedParent = false;

  constructor(settings: Settings, { inputDescriptor, outputDescriptor }: ProtocolStreams, audit: Audit, exit: Exit) {
    const { maxMessageBytes, framing, drainMs } = settings;
    log("info", `dlrpc ${version} serves as process ${process.pid}, started by ${process.ppid}`);
    this.settings = settings;
    this.audit = audit;
    this.session = new Session(settings, process.env);
    // Nothing is told of before the loop turns: all that hears it is there by then.
    this.connection = new Connection({
      inputDescriptor,
      outputDescriptor,
      framing,
      maxMessageBytes,
      handlers: {
        request: (request) => this.handle(request),
        refused: (name, error, params) => audit.refused(name, error, params),
        notification: (name) => {
          if (name === "exit") inBackground(this.onExit());
        },
        caughtUp: () => {
          this.notifications.reportDropped();
          flow.release();
        },
        ended: () => this.life.inputEnded(),
        outputClosed: () => this.life.outputClosed(),
      },
    });
    const flow = new FlowControl(this.connection);
    this.notifications = new Notifications(this.connection);
    const events = audit.watch(this.notifications);
    this.plugins = new PluginTable({
      ...settings,
      events,
      flow,
    });
    this.life = new LifeCycle({ plugins: this.plugins, connection: this.connection, drainMs, exit });
    this.methods = new Map(
      Object.entries({
        initialize: method(
          { schema: () => InitializeParams, form: initializeForm },
          (params) => this.initialize(params),
          tellVersions,
        ),
        "rpc.discover": method(
          { schema: () => EmptyParams, form: emptyForm },
          () => new RawJson(requirePart("openrpc.json")),
        ), // most hosts never ask
        shutdown: method({ schema: () => EmptyParams, form: emptyForm }, () => this.shutdown()),
        ...pluginMethods(this.plugins, this.session, this.notifications, audit, settings),
        ...inspectionMethods(this.session),
      }),
    );
    this.life.endWithParent(() => !this.hasNamedParent);
  }

  private handle(request: IncomingRequest): void {
    if (request.method !== "initialize") this.hadRequest = true;
    const found = this.methods.get(request.method);
    if (found === undefined) {
      const guess = didYouMean(request.method, [...this.methods.keys()]);
      const hint = MCP_METHOD.test(request.method) ? { hint: "MCP is spoken by `dlrpc mcp`." } : {};
      throw new DlrpcError("METHOD_NOT_FOUND", `There is no method \`${request.method.slice(0, 80)}\`${guess}`, hint);
    }
    if (this.life.closing !== undefined) {
      const error = new DlrpcError("SHUTTING_DOWN", "dlrpc is shutting down and takes no new work");
      this.audit.refused(request.method, error, request.takeParams());
      throw error;
    }
    found(request);
  }

  private initialize(params: InitializeParams): object {
    const result = this.session.initialize(params, !this.hadRequest, [...this.methods.keys()]);
    this.notifications.subscribe(params.notifications ?? []);
    const { processId } = params;
    if (typeof processId === "number") {
      this.hasNamedParent = whenProcessEnds(processId, () => this.life.parentGone(`process ${processId}`));
      if (!this.hasNamedParent)
        log("warn", `processId ${processId} of initialize cannot be seen from here and is not watched`);
    }
    return result;
  }

  private async shutdown(): Promise<object> {
    await this.life.close();
    return {};
  }

  /** L2: with a shutdown on the way, its answer comes first. */
  private async onExit(): Promise<void> {
    const isFinished = this.life.closing !== undefined;
    await this.life.end(isFinished ? 0 : 1, isFinished ? this.settings.drainMs : 0);
  }
}
