// Owns the MCP server: the same parts as `dlrpc serve`, put together for another protocol.

import { availableLayers } from "#sandbox/layers";
import { DlrpcError } from "../../protocol/errors.ts";
import { version } from "../base/version.ts";
import { FlowControl } from "../calls/back-pressure.ts";
import type { AuditLog } from "../observe/audit-log.ts";
import { log } from "../observe/log.ts";
import { inBackground } from "../platform/both-halves/promises.ts";
import type { ProtocolStreams } from "../platform/both-halves/protocol-streams.ts";
import { knownError } from "../platform/exhaustion.ts";
import { type PluginHandle, unheard } from "../plugin-table/plugin-handle.ts";
import { PluginTable } from "../plugin-table/plugin-table.ts";
import { InspectedPlugin } from "../plugins/inspected-plugin.ts";
import type { Metadata } from "../plugins/manifest/metadata.ts";
import { Connection, type Dialect } from "../rpc/connection.ts";
import { NULL_ID } from "../rpc/message.ts";
import type { IncomingRequest } from "../rpc/request.ts";
import { Audit } from "../server/audit.ts";
import { type Exit, LifeCycle, untilExit } from "../server/life-cycle.ts";
import { loadWarnings } from "../server/loading/load-warnings.ts";
import { confinementOf, requireEnforced } from "../server/loading/sandbox.ts";
import { Session } from "../server/session.ts";
import type { Settings } from "../server/settings.ts";
import { type Grants, sandboxOf } from "./grants.ts";
import { mcpMethods, methodNotFound } from "./methods.ts";
import { indexedParams, Members } from "./params.ts";
import { encodeMcpResponse } from "./responses.ts";
import { Revision } from "./revision.ts";
import { Subscriptions } from "./subscriptions.ts";
import { annotationsOf } from "./tools/annotations.ts";
import { Arriving } from "./tools/arriving.ts";
import { Catalog } from "./tools/catalog.ts";
import { Tool, type ToolSource } from "./tools/tool.ts";

/** What can be set, beside what holds for `dlrpc serve` as well. */
interface McpSettings {
  readonly settings: Settings;
  /** The workspace root of all calls; plugins may write to it. */
  readonly workspace: string | undefined;
  /** What stands before the plugins' names in those of the tools. */
  readonly prefix: string;
  /** The plugins that become tools; all where it is empty. */
  readonly only: readonly string[];
  readonly grants: Grants;
  /** How long a plugin without calls stays loaded, in milliseconds; undefined: for ever. */
  readonly idleUnloadMs: number | undefined;
}

const dialect: Dialect = {
  cancel: { method: "notifications/cancelled", id: "requestId" },
  encode: encodeMcpResponse,
  indexed: indexedParams,
};

/** Serves one client. @returns the status to exit with, once everything is answered and every worker has ended */
export function serveMcp(settings: McpSettings, streams: ProtocolStreams, auditLog?: AuditLog): Promise<number> {
  const audit = new Audit(auditLog);
  return untilExit(audit, (exit) => new McpServer(settings, streams, audit, exit));
}

class McpServer {
  private readonly options: McpSettings;
  private readonly audit: Audit;
  private readonly session: Session;
  private readonly plugins: PluginTable;
  private readonly connection: Connection;
  private readonly methods: ReturnType<typeof mcpMethods>;
  private readonly life: LifeCycle;
  /** Nobody cancels a load: others may wait for it, too. */
  private readonly never = new AbortController().signal;

  constructor(options: McpSettings, { inputDescriptor, outputDescriptor }: ProtocolStreams, audit: Audit, exit: Exit) {
    const { settings, workspace, prefix, only, grants } = options;
    const { maxMessageBytes, drainMs } = settings;
    log("info", `dlrpc ${version} serves MCP as process ${process.pid}, started by ${process.ppid}`);
    this.options = options;
    this.audit = audit;
    this.session = new Session(settings, process.env);
    if (workspace !== undefined) this.session.enterWorkspace(workspace);
    // Nothing is told of before the loop turns: all that hears it is there by then.
    this.connection = new Connection({
      inputDescriptor,
      outputDescriptor,
      framing: "lines",
      maxMessageBytes,
      dialect,
      handlers: {
        request: (request) => this.handle(request),
        refused() {},
        notification() {}, // none but the one that cancels asks for anything
        caughtUp: () => flow.release(),
        ended: () => this.life.inputEnded(),
        outputClosed: () => this.life.outputClosed(),
      },
    });
    const flow = new FlowControl(this.connection);
    this.plugins = new PluginTable({
      ...settings,
      events: audit.watch(unheard),
      flow,
    });
    const arriving = new Arriving();
    const revision = new Revision();
    const subscriptions = new Subscriptions(revision, (name, params) => this.connection.notify(name, params));
    this.life = new LifeCycle({
      ...{ plugins: this.plugins, connection: this.connection, drainMs, exit },
      arrived: () => arriving.settled(),
      closes: () => {
        catalog.close();
        subscriptions.close();
      },
    });
    let layers: readonly string[] | undefined; // asking takes time that a start need not
    const catalog = new Catalog({
      session: this.session,
      prefix,
      only,
      named: [...only, ...grants.given.keys(), ...grants.requested],
      annotationsFor: ({ manifest }) => {
        const sandbox = manifest === undefined ? {} : sandboxOf(manifest, grants);
        layers ??= availableLayers();
        const enforced = layers;
        return ({ annotations }) => annotationsOf(sandbox, this.session, enforced, annotations);
      },
      make: (source) =>
        new Tool(source, {
          load: (plugin) => this.load(plugin),
          reload: (plugin, handle) => this.reload(plugin, handle),
          unload: (handle) => this.unload(handle),
          changed: () => subscriptions.changed(),
          idleMs: options.idleUnloadMs,
        }),
      removed: (tool) => tool.unload(),
      changed: () => subscriptions.changed(),
    });
    this.methods = mcpMethods(revision, catalog, subscriptions, {
      audit,
      workspaceRoot: this.session.workspaceRoot,
      times: { timeoutMs: settings.timeoutMs ?? undefined, graceMs: settings.cancelGraceMs },
      channel: this.connection,
      arriving,
    });
    this.life.endWithParent(() => true);
  }

  private handle(request: IncomingRequest): void {
    if (request.id === NULL_ID) {
      throw new DlrpcError("INVALID_REQUEST", "Not a request of MCP: its id is a string or a number, and not null");
    }
    const found = this.methods.get(request.method);
    if (found === undefined) throw methodNotFound(request.method, [...this.methods.keys()]);
    if (this.life.closing !== undefined) {
      throw new DlrpcError("SHUTTING_DOWN", "dlrpc is shutting down and takes no new work");
    }
    found(request, new Members(request.takeParams()));
  }

  /** Loads a plugin as plugin/load does, with what it was granted on the command line. */
  private load({ path, manifest }: ToolSource): Promise<PluginHandle> {
    const { session, options } = this;
    const { timeoutMs } = options.settings;
    return this.audit.load({ path }, async () => {
      const confinement = confinementOf(sandboxOf(manifest, options.grants), session);
      const read = async () => (await InspectedPlugin.of(path, session.inspectOptions)).requireLoadable();
      const handle = await this.plugins.load(read, {
        confinement,
        environment: {},
        accept: (report) => requireEnforced(confinement, report),
        timeoutMs: timeoutMs ?? undefined,
        defaults: { config: undefined, timeoutMs: undefined },
        cancelled: this.never,
      });
      for (const { code, message } of loadWarnings(handle, session)) log("warn", `${handle.id}: ${code}: ${message}`);
      return handle;
    });
  }

  /** As plugin/reload does, unless what is loaded is what lies there. */
  private async reload({ path, name }: ToolSource, handle: PluginHandle): Promise<boolean> {
    try {
      const { files } = (await InspectedPlugin.of(path, this.session.inspectOptions)).requireLoadable();
      if (files.integrity === handle.files.integrity && isSame(files.manifest, handle.files.manifest)) return false;
      await this.audit.reload(handle.id, async () => {
        await this.plugins.find(handle.id).reload(this.never);
        return handle;
      });
      return true;
    } catch (error) {
      const known = knownError(error);
      if (known === undefined) throw error;
      log("warn", `${name} has changed and is not loaded anew: ${known.kind}: ${known.message}`);
      return false;
    }
  }

  private unload({ id }: PluginHandle): void {
    const unloaded = this.audit.unload(id, () => this.plugins.unload(id, false));
    const ended = unloaded.catch((error: unknown) => {
      if (this.life.closing === undefined) throw error; // else it has been unloaded already
    });
    inBackground(ended);
  }
}

function isSame(one: Metadata, other: Metadata): boolean {
  return one.raw.toString() === other.raw.toString();
}
