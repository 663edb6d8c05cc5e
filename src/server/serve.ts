// Owns the server: puts the parts together and sees to it that they end in order (L1 to L5).

import { DlrpcError } from "../../protocol/errors.ts";
import { EmptyParams, InitializeParams } from "../../protocol/messages.ts";
import { RawJson } from "../../protocol/raw.ts";
import { HoldUp } from "../hosting/hold-up.ts";
import { PluginHost } from "../hosting/plugin-host.ts";
import { whenProcessEnds } from "../native/processes.ts";
import { goOnUntil, letPromisesRun } from "../native/reactor.ts";
import type { AuditLog } from "../observe/audit-log.ts";
import { log } from "../observe/log.ts";
import { didYouMean } from "../observe/nearest.ts";
import { Connection } from "../rpc/connection.ts";
import type { IncomingRequest } from "../rpc/request.ts";
import { requirePart } from "../self.ts";
import { version } from "../version.ts";
import { endDescendants } from "../workers/children.ts";
import { removePrivateDirectoriesNow } from "../workers/private-directory.ts";
import { Audit } from "./audit.ts";
import { inspectionMethods } from "./inspection-methods.ts";
import { type Method, method } from "./method.ts";
import { Notifications } from "./notifications.ts";
import { pluginMethods } from "./plugin-methods.ts";
import type { ProtocolStreams } from "./protocol-streams.ts";
import { Session, tellVersions } from "./session.ts";
import type { Settings } from "./settings.ts";

/** sysexits(3): an error occurred while doing I/O on some file. */
export const EX_IOERR = 74;

/** How long processes may take to end that were told to. */
const LAST_WAY_OUT_MS = 2000;
/** A timer takes no more. */
const LONGEST_MS = 2 ** 31 - 1;

const STOP_SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;
const SIGNAL_STATUS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/** Serves one host. @returns the status to exit with, once everything is answered and every worker has ended */
export function serve(settings: Settings, streams: ProtocolStreams, auditLog?: AuditLog): Promise<number> {
  const audit = new Audit(auditLog);
  return new Promise((resolve) => {
    new Server(settings, streams, audit, (status) => {
      endDescendants(); // where it ends at once, nobody else does
      removePrivateDirectoriesNow();
      audit.end();
      resolve(status);
      letPromisesRun();
    });
  });
}

const shuttingDown = () => new DlrpcError("SHUTTING_DOWN", "dlrpc ended before this was done");

class Server {
  private readonly settings: Settings;
  private readonly exit: (status: number) => void;
  private readonly session: Session;
  private readonly host: PluginHost;
  private readonly notifications: Notifications;
  private readonly connection: Connection;
  private readonly methods: Map<string, Method>;
  private readonly audit: Audit;
  private hadRequest = false;
  /** Whether the host named a process to end with, in the place of the one that started this one (L4). */
  private hasNamedParent = false;
  /** Set from the moment when the end was asked for; resolves when all plugins have ended. */
  private closing: Promise<void> | undefined;
  private isDown = false;
  private isEnding = false;

  constructor(
    settings: Settings,
    { inputDescriptor, outputDescriptor }: ProtocolStreams,
    audit: Audit,
    exit: (status: number) => void,
  ) {
    const { maxMessageBytes, maxPending, maxHandles, concurrency, framing, portableJson } = settings;
    log("info", `dlrpc ${version} serves as process ${process.pid}, started by ${process.ppid}`);
    this.settings = settings;
    this.exit = exit;
    this.audit = audit;
    this.session = new Session(settings, process.env);
    this.notifications = new Notifications({
      isFull: () => this.connection.isFull,
      notify: (name, params) => this.connection.notify(name, params),
      send: (message) => this.connection.send(message),
    });
    const events = audit.watch(this.notifications);
    const holdUps = {
      calls: new HoldUp(() => this.connection.isFarBehind),
      streams: new HoldUp(() => this.connection.isFull),
    };
    this.host = new PluginHost({
      ...{ maxMessageBytes, maxPending, maxHandles, concurrency, portableJson },
      events,
      holdUps,
    });
    this.methods = new Map(
      Object.entries({
        initialize: method(InitializeParams, (params) => this.initialize(params), tellVersions),
        "rpc.discover": method(EmptyParams, () => new RawJson(requirePart("openrpc.json"))), // most hosts never ask
        shutdown: method(EmptyParams, () => this.shutdown()),
        ...pluginMethods(this.host, this.session, this.notifications, audit, settings),
        ...inspectionMethods(this.session),
      }),
    );
    this.connection = new Connection({
      inputDescriptor,
      outputDescriptor,
      framing,
      maxMessageBytes,
      handlers: {
        request: (request) => this.handle(request),
        refused: (name, error, params) => audit.refused(name, error, params),
        notification: (name) => {
          if (name === "exit") void goOnUntil(this.onExit());
        },
        caughtUp: () => {
          this.notifications.reportDropped();
          holdUps.calls.end();
          holdUps.streams.end();
        },
        ended: () => {
          log("info", `stdin has ended: calls may go on for ${settings.drainMs} ms`);
          void goOnUntil(this.end(0));
        },
        outputClosed: () => this.exit(this.isDown ? 0 : EX_IOERR),
      },
    });
    this.watchSignals();
    whenProcessEnds(process.ppid, () => {
      if (!this.hasNamedParent) this.onParentGone("the parent process");
    });
  }

  private handle(request: IncomingRequest): void {
    if (request.method !== "initialize") this.hadRequest = true;
    const found = this.methods.get(request.method);
    if (found === undefined) {
      const guess = didYouMean(request.method, [...this.methods.keys()]);
      throw new DlrpcError("METHOD_NOT_FOUND", `There is no method \`${request.method.slice(0, 80)}\`${guess}`);
    }
    if (this.closing !== undefined) {
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
      this.hasNamedParent = whenProcessEnds(processId, () => this.onParentGone(`process ${processId}`));
      if (!this.hasNamedParent)
        log("warn", `processId ${processId} of initialize cannot be seen from here and is not watched`);
    }
    return result;
  }

  private async shutdown(): Promise<object> {
    await this.close(this.settings.drainMs);
    return {};
  }

  /** L2: with a shutdown on the way, its answer comes first. */
  private async onExit(): Promise<void> {
    const status = this.closing === undefined ? 1 : 0;
    await this.end(status, this.closing === undefined ? 0 : this.settings.drainMs);
  }

  private onParentGone(who: string): void {
    log("info", `${who} has ended`);
    void goOnUntil(this.end(0));
  }

  private watchSignals(): void {
    for (const signal of STOP_SIGNALS) {
      process.on(signal, () => {
        if (this.isEnding) return this.exit(SIGNAL_STATUS[signal]);
        log("info", `${signal}: calls may go on for ${this.settings.drainMs} ms`);
        void goOnUntil(this.end(0));
      });
    }
  }

  private close(drainMs: number): Promise<void> {
    this.closing ??= this.host.close(drainMs).then(() => {
      this.isDown = true;
    });
    return this.closing;
  }

  /** Finishes what is there, lets the answers out (L5), and exits. */
  private async end(status: number, drainMs = this.settings.drainMs): Promise<void> {
    if (this.isEnding) return;
    this.isEnding = true;
    const begun = performance.now();
    const most = drainMs + this.settings.drainMs + LAST_WAY_OUT_MS;
    setTimeout(() => this.exit(status), Math.min(most, LONGEST_MS)); // whatever is held up on the way
    await this.close(drainMs);
    const left = Math.max(0, drainMs - (performance.now() - begun));
    const late = setTimeout(() => this.connection.abandon(shuttingDown), left);
    await this.connection.idle();
    clearTimeout(late);
    const deadline = setTimeout(() => this.exit(status), this.settings.drainMs);
    await this.connection.flush();
    clearTimeout(deadline);
    this.exit(status);
  }
}
