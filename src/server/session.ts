// Owns what a host has said about itself and its workspace: initialize (L1), and the trust that follows from it (T1).

import { join, relative } from "node:path";
import { availableLayers } from "#sandbox/layers";
import { ABI_VERSION } from "../../protocol/abi-symbols.ts";
import { DlrpcError } from "../../protocol/errors.ts";
import { PROTOCOL_VERSION } from "../../protocol/fast-path.ts";
import type { InitializeParams, InitializeResult } from "../../protocol/messages.ts";
import { absolute } from "../base/absolute-path.ts";
import { isWithin } from "../base/paths.ts";
import { version } from "../base/version.ts";
import type { Issue } from "../json/schema.ts";
import { type LogLevel, log } from "../observe/log.ts";
import type { InspectOptions } from "../plugins/inspected-plugin.ts";
import { ownPlatform } from "../plugins/libraries/platform-directory.ts";
import { defaultTrustedDirectories, pluginFolders, Trust } from "../plugins/trust/trust.ts";
import { invalidParams } from "../rpc/params.ts";
import { canonicalPlace } from "../sandbox/canonical.ts";
import type { Settings } from "./settings.ts";

/** Hosts of MCP begin with `initialize`, too, and with a version that is a date. */
const VERSION_HINT =
  "`dlrpc serve` speaks dlrpc's own protocol (protocol/SPEC.md): send 1, or leave it out. MCP is spoken by `dlrpc mcp`.";

/** To be called with what is wrong with the params of initialize. @throws DlrpcError the same that says which versions are spoken (L1) */
export function tellVersions({ kind, message, details }: DlrpcError): void {
  const issues = details.issues as readonly Issue[];
  if (!issues.some(({ path }) => path === "protocolVersion")) return;
  throw new DlrpcError(kind, message, { ...details, supported: [PROTOCOL_VERSION], hint: VERSION_HINT });
}

export class Session {
  readonly settings: Settings;
  readonly trust = new Trust();
  /** As the host calls it. */
  workspaceRoot: string | null = null;
  /** Where that led when the host said it: later links in it lead nowhere (S3). */
  workspace: string | undefined;
  private initialized = false;

  constructor(settings: Settings, environment: NodeJS.ProcessEnv) {
    this.settings = settings;
    this.addTrust("info", ...settings.trust.map((directory) => absolute(directory)));
    this.addTrust("debug", ...defaultTrustedDirectories(environment));
  }

  /** A path of the host: relative to its workspace, else to the working directory. */
  resolve(path: string): string {
    return absolute(path, this.workspaceRoot ?? "");
  }

  /** The same for what a plugin is to be granted: in the workspace by its true name, else as it was given (S3). */
  resolveGrant(path: string): string {
    const named = this.resolve(path);
    const { workspaceRoot, workspace } = this;
    if (workspaceRoot === null || workspace === undefined || !isWithin(named, workspaceRoot)) return named;
    return join(workspace, relative(workspaceRoot, named));
  }

  /** @param root relative to the working directory @throws DlrpcError INVALID_PARAMS where it is not allowed (T8) */
  enterWorkspace(root: string): void {
    const named = absolute(root);
    const workspace = canonicalPlace(named);
    this.requireAllowed(workspace);
    this.workspaceRoot = named;
    this.workspace = workspace;
    if (this.settings.trustWorkspace) this.addTrust("debug", ...pluginFolders(workspace));
  }

  private requireAllowed(workspace: string): void {
    const { allowWorkspace, lockTrust, maxSandbox } = this.settings;
    const bounds = [
      ...(maxSandbox === "none" ? [] : [`--max-sandbox ${maxSandbox}`]),
      ...(lockTrust ? ["--lock-trust"] : []),
      ...(allowWorkspace.length > 0 ? ["--allow-workspace"] : []),
    ];
    if (bounds.length === 0) return;
    const allowed = allowWorkspace.map((directory) => canonicalPlace(absolute(directory)));
    if (allowed.some((directory) => isWithin(workspace, directory))) return;
    const message = `${workspace} is not allowed: dlrpc was started with ${bounds.join(" and ")}, and allowed are ${allowed.join(", ") || "none"}`;
    throw invalidParams([{ path: "workspaceRoot", message }], {
      hint: "Start dlrpc with --allow-workspace DIR, where DIR is or holds the workspace.",
    });
  }

  /** @param level how much it matters that one is not there: it may be made later, or be meant to be there already */
  private addTrust(level: LogLevel, ...directories: readonly string[]): void {
    this.trust.add(...directories);
    for (const directory of directories) {
      const isThere = this.trust.canonicalOf(directory) !== undefined;
      log(isThere ? "debug" : level, `trusted directory ${directory}${isThere ? "" : " is not there"}`);
    }
  }

  /** How plugins are inspected before they are loaded. */
  get inspectOptions(): InspectOptions {
    const { strictPermissions, signatures, portableJson } = this.settings;
    return { trust: this.trust, strictPermissions, signatures, portableJson, untrusted: "refuse" };
  }

  /** @param isFirst whether no request came before @throws DlrpcError INVALID_REQUEST, INVALID_PARAMS */
  initialize(params: InitializeParams, isFirst: boolean, methods: string[]): InitializeResult {
    if (this.initialized || !isFirst) {
      const found = this.initialized ? "was sent already" : "comes before all other requests, or not at all";
      throw new DlrpcError("INVALID_REQUEST", `\`initialize\` ${found}`, {
        hint: "Send `initialize` once, as the first request; to change what it says, start dlrpc again.",
      });
    }
    const { workspaceRoot = null, trustedDirs = [] } = params;
    if (workspaceRoot !== null) this.enterWorkspace(workspaceRoot);
    const added = trustedDirs.map((directory) => this.resolve(directory));
    this.initialized = true;
    if (!this.settings.lockTrust) this.addTrust("info", ...added);
    else if (trustedDirs.length > 0) log("warn", "trustedDirs of initialize is ignored: --lock-trust is set");
    const { maxMessageBytes, maxPending, concurrency, timeoutMs, cancelGraceMs, drainMs } = this.settings;
    return {
      protocolVersion: PROTOCOL_VERSION,
      serverInfo: { name: "dlrpc", version },
      abiVersions: [ABI_VERSION],
      platform: ownPlatform,
      trustedDirs: this.trust.canonical,
      limits: { maxMessageBytes, maxPending, concurrency, timeoutMs, cancelGraceMs, drainMs },
      sandbox: { layers: [...availableLayers()] },
      methods,
    };
  }
}
