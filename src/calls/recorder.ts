// Owns what is kept of calls that crash or time out, so that they can be run again (R1, R2).

import type { DlrpcError } from "../../protocol/errors.ts";
import { RECEIPT_VERSION, type Receipt } from "../../protocol/receipt.ts";
import { version } from "../base/version.ts";
import type { ReceiptDirectory } from "../observe/receipt-directory.ts";
import type { PluginFiles } from "../plugins/inspected-plugin.ts";
import { canonicalPlace } from "../sandbox/canonical.ts";
import type { Confinement } from "../sandbox-policy/policy.ts";
import type { Call } from "./call.ts";

/** The plugin that was called. */
interface Called {
  readonly files: PluginFiles;
  readonly confinement: Confinement;
}

export class Recorder {
  private readonly directory: ReceiptDirectory;

  constructor(directory: ReceiptDirectory) {
    this.directory = directory;
  }

  /**
   * Keeps a call that fails by its own doing.
   * @param error of which it is told
   * @returns the error, with the receipt's path where there is one
   */
  record({ context, timeoutMs }: Call, error: DlrpcError, { files, confinement }: Called): DlrpcError {
    const { name, version: pluginVersion } = files.manifest;
    const { path, libraryPath: library, integrity } = files;
    const { kind, message, details } = error;
    const known = {
      receipt: RECEIPT_VERSION,
      time: new Date().toISOString(),
      dlrpc: version,
      plugin: { name, version: pluginVersion, path, library, integrity },
      sandbox: sandboxOf(confinement),
      timeoutMs: timeoutMs ?? null,
      failure: {
        kind,
        message,
        signal: details.signal ?? null,
        exitCode: details.exitCode ?? null,
        reason: details.reason ?? null,
      },
    };
    const head = Buffer.from(`${JSON.stringify(known).slice(0, -1)},"context":`);
    const receipt = this.directory.keep(name, [head, ...withoutEnd(context.pieces), Buffer.from("}\n")]);
    return receipt === undefined ? error : error.with({ receipt });
  }
}

/** What would have to be asked for, for it to be confined in the same way. */
function sandboxOf({ profile, network, exec, gpu, read, write, memoryMb }: Confinement): Receipt["sandbox"] {
  if (profile === "none") return { profile };
  const places = (grants: typeof read) => grants.map(({ path }) => canonicalPlace(path));
  return { profile, network, exec, gpu, read: places(read), write: places(write), memoryMb };
}

/** The text of a C string. */
function withoutEnd(pieces: readonly Uint8Array[]): Uint8Array[] {
  return [...pieces.slice(0, -1), ...pieces.slice(-1).map((last) => last.subarray(0, -1))];
}
