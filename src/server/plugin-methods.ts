// Owns the methods that need plugin code: plugin/load, metadata, execute, unload, reload and list.

import { ABI_VERSION } from "../../protocol/abi.ts";
import { DlrpcError } from "../../protocol/errors.ts";
import {
  EmptyParams,
  HandleParams,
  LoadParams,
  type LoadResult,
  type Problem,
  type Sandbox,
  UnloadParams,
} from "../../protocol/messages.ts";
import type { PluginHandle } from "../hosting/plugin-handle.ts";
import type { PluginHost } from "../hosting/plugin-host.ts";
import { Examination, type PluginFiles } from "../plugins/examine.ts";
import { findByName } from "../plugins/find.ts";
import { toProblem } from "../plugins/finding.ts";
import { invalidParams } from "../rpc/params.ts";
import type { Audit } from "./audit.ts";
import { executeMethod } from "./execute-method.ts";
import { directMethod, type Method, method } from "./method.ts";
import type { Notifications } from "./notifications.ts";
import type { Session } from "./session.ts";

export function pluginMethods(
  host: PluginHost,
  session: Session,
  notifications: Notifications,
  audit: Audit,
  defaultTimeoutMs: number | null,
): Record<string, Method> {
  /** How each handle's files are read anew: as its load said. */
  const readers = new WeakMap<PluginHandle, () => Promise<PluginFiles>>();

  return {
    "plugin/load": method(LoadParams, async (params, request): Promise<LoadResult> => {
      const { isolation = "process", timeoutMs = defaultTimeoutMs ?? undefined, config, sandbox = {} } = params;
      let path: string | undefined;
      const read = async () => {
        const warnings = sandboxWarnings(sandbox);
        path ??= await requestedPath(params, session);
        const files = (await Examination.of(path, session.examination)).requireLoadable();
        requireIntegrity(files, params.integrity);
        return { ...files, warnings: [...files.warnings, ...warnings] };
      };
      const defaults = { config, timeoutMs: params.timeoutMs };
      const options = { isolation, timeoutMs, defaults, cancelled: request.cancellation };
      const handle = await audit.load(params, () => host.load(read, options));
      readers.set(handle, read);
      return loadResult(handle);
    }),

    "plugin/reload": method(HandleParams, async (params, request): Promise<LoadResult> => {
      const handle = host.find(params.handle);
      const read = readers.get(handle);
      if (read === undefined) throw new Error(`${handle.id} was loaded without a reader`);
      await audit.reload(handle, () => handle.reload(read, request.cancellation));
      return loadResult(handle);
    }),

    "plugin/metadata": directMethod(HandleParams, (params, request) => {
      request.resolve(host.find(params.handle).metadata.raw);
    }),

    "plugin/execute": executeMethod(host, session, notifications, audit, defaultTimeoutMs),

    "plugin/unload": method(UnloadParams, async ({ handle, force = false }) => {
      await audit.unload(handle, () => host.unload(handle, force));
      return {};
    }),

    "plugin/list": method(EmptyParams, () => ({ plugins: host.list() })),
  };
}

/** @throws DlrpcError INVALID_PARAMS, PATH_NOT_FOUND */
async function requestedPath({ path, name }: LoadParams, session: Session): Promise<string> {
  if ((path === undefined) === (name === undefined)) {
    throw invalidParams([{ path: "", message: "give exactly one of `path` and `name`" }]);
  }
  if (path !== undefined) return session.resolve(path);
  const found = await findByName(name as string, session.examination);
  if (found !== undefined) return found;
  const searched = session.trust.canonical;
  throw new DlrpcError("PATH_NOT_FOUND", `No trusted directory holds a plugin called ${name}`, {
    searched,
    hint: `Searched: ${searched.join(", ") || "nothing, for no trusted directory exists"}. Trust more with --trust.`,
  });
}

/** @throws DlrpcError INTEGRITY_FAILED */
function requireIntegrity({ libraryPath, library, manifest }: PluginFiles, needed: string | undefined): void {
  if (needed === undefined || needed === library.integrity) return;
  const message = `${libraryPath} has the hash ${library.integrity}, ${needed} is needed`;
  throw new DlrpcError("INTEGRITY_FAILED", message, {
    plugin: manifest.name,
    path: libraryPath,
    expected: needed,
    actual: library.integrity,
  });
}

/** No layer exists yet: what is asked for is refused or reported, never implied (invariant 9). */
function sandboxWarnings({ profile = "none", require = false }: Sandbox): Problem[] {
  if (require) {
    throw new DlrpcError("SANDBOX_UNAVAILABLE", "This dlrpc has no sandbox layers yet; `require` needs some");
  }
  if (profile === "none") return [];
  const message = `The sandbox profile \`${profile}\` is not enforced: this dlrpc has no sandbox layers yet`;
  return [toProblem({ severity: "warning", code: "SANDBOX_NOT_ENFORCED", message })];
}

function loadResult({ id, metadata, files, isolation }: PluginHandle): LoadResult {
  return {
    handle: id,
    metadata: metadata.raw,
    path: files.path,
    library: files.libraryPath,
    abiVersion: ABI_VERSION,
    isolation,
    sandbox: { profile: "none", layers: [] },
    integrity: files.library.integrity,
    signature: files.signature,
    warnings: files.warnings,
  };
}
