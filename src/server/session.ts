// Owns what a host has said about itself and its workspace: initialize (L1), and the trust that follows from it (T1).

import { ABI_VERSION } from "../../protocol/abi-symbols.ts";
import { DlrpcError } from "../../protocol/errors.ts";
import { type InitializeParams, type InitializeResult, PROTOCOL_VERSION } from "../../protocol/messages.ts";
import { availableLayers } from "../confinement/layers.ts";
import { log } from "../observe/log.ts";
import type { ExamineOptions } from "../plugins/examine.ts";
import { defaultTrustedDirectories, pluginFolders, Trust } from "../plugins/trust.ts";
import { absolute } from "../rpc/absolute.ts";
import { invalidParams } from "../rpc/params.ts";
import { version } from "../version.ts";
import type { Settings } from "./settings.ts";

export class Session {
  readonly settings: Settings;
  readonly trust = new Trust();
  workspaceRoot: string | null = null;
  private initialized = false;

  constructor(settings: Settings, environment: NodeJS.ProcessEnv) {
    this.settings = settings;
    this.trust.add(
      ...settings.trust.map((directory) => absolute(directory)),
      ...defaultTrustedDirectories(environment),
    );
  }

  /** A path of the host: relative to its workspace, else to the working directory. */
  resolve(path: string): string {
    return absolute(path, this.workspaceRoot ?? "");
  }

  /** How plugins are examined before they are loaded. */
  get examination(): ExamineOptions {
    const { strictPermissions, signatures } = this.settings;
    return { trust: this.trust, strictPermissions, signatures, untrusted: "refuse" };
  }

  /** @param isFirst whether no request came before @throws DlrpcError INVALID_REQUEST, INVALID_PARAMS */
  initialize(params: InitializeParams, isFirst: boolean, methods: string[]): InitializeResult {
    if (this.initialized || !isFirst) {
      const found = this.initialized ? "was sent already" : "comes before all other requests, or not at all";
      throw new DlrpcError("INVALID_REQUEST", `\`initialize\` ${found}`, {
        hint: "Send `initialize` once, as the first request; to change what it says, start dlrpc again.",
      });
    }
    const { protocolVersion = PROTOCOL_VERSION, workspaceRoot = null, trustedDirs = [] } = params;
    if (protocolVersion !== PROTOCOL_VERSION) {
      const message = `this dlrpc speaks version ${PROTOCOL_VERSION}, not ${protocolVersion}`;
      throw invalidParams([{ path: "protocolVersion", message }], { supported: [PROTOCOL_VERSION] });
    }
    const root = workspaceRoot === null ? null : absolute(workspaceRoot);
    const added = trustedDirs.map((directory) => absolute(directory, root ?? ""));
    this.initialized = true;
    this.workspaceRoot = root;
    if (this.workspaceRoot !== null && this.settings.trustWorkspace) {
      this.trust.add(...pluginFolders(this.workspaceRoot));
    }
    if (!this.settings.lockTrust) this.trust.add(...added);
    else if (trustedDirs.length > 0) log("warn", "trustedDirs of initialize is ignored: --lock-trust is set");
    const { maxMessageBytes, maxPending, concurrency, timeoutMs, drainMs } = this.settings;
    return {
      protocolVersion: PROTOCOL_VERSION,
      serverInfo: { name: "dlrpc", version },
      abiVersions: [ABI_VERSION],
      platform: `${process.platform}-${process.arch}`,
      trustedDirs: this.trust.canonical,
      limits: { maxMessageBytes, maxPending, concurrency, timeoutMs, drainMs },
      sandbox: { layers: [...availableLayers()] },
      methods,
    };
  }
}
