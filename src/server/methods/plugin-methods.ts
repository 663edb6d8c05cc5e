// Owns the methods that have to do with plugin code.

import { ABI_VERSION } from "../../../protocol/abi-symbols.ts";
import { DlrpcError } from "../../../protocol/errors.ts";
import { emptyForm, loadForm } from "../../../protocol/fast-path.ts";
import { EmptyParams, HandleParams, LoadParams, type LoadResult, UnloadParams } from "../../../protocol/messages.ts";
import { log } from "../../observe/log.ts";
import type { PluginHandle } from "../../plugin-table/plugin-handle.ts";
import type { PluginTable } from "../../plugin-table/plugin-table.ts";
import { findByName } from "../../plugins/find.ts";
import { InspectedPlugin, type PluginFiles } from "../../plugins/inspected-plugin.ts";
import { decodeParams, invalidParams } from "../../rpc/params.ts";
import type { Audit } from "../audit.ts";
import { environmentOf } from "../loading/environment.ts";
import { loadWarnings } from "../loading/load-warnings.ts";
import { confinementOf, describeGrants, requireEnforced } from "../loading/sandbox.ts";
import type { Notifications } from "../notifications.ts";
import type { Session } from "../session.ts";
import type { Settings } from "../settings.ts";
import { executeMethod } from "./execute.ts";
import { type Method, method } from "./method.ts";

export function pluginMethods(
  plugins: PluginTable,
  session: Session,
  notifications: Notifications,
  audit: Audit,
  settings: Settings,
): Record<string, Method> {
  return {
    "plugin/load": method(
      { schema: () => LoadParams, form: loadForm },
      async (params, request): Promise<LoadResult> => {
        const { timeoutMs = settings.timeoutMs ?? undefined, config } = params;
        let path: string | undefined;
        const read = async () => {
          path ??= await requestedPath(params, session);
          const loadable = (await InspectedPlugin.of(path, session.inspectOptions)).requireLoadable();
          requireIntegrity(loadable.files, params.integrity);
          return loadable;
        };
        const defaults = { config, timeoutMs: params.timeoutMs };
        const handle = await audit.load(params, async () => {
          const { sandbox = {}, env = {} } = params;
          const environment = environmentOf(env, sandbox, session);
          const confinement = confinementOf(sandbox, session);
          log("debug", `load of ${params.path ?? params.name}: ${describeGrants(confinement)}`);
          return plugins.load(read, {
            confinement,
            environment,
            accept: (report) => requireEnforced(confinement, report),
            timeoutMs,
            defaults,
            cancelled: request.cancellation,
          });
        });
        return loadResult(handle, session);
      },
      (error, params) => audit.refused("plugin/load", error, params),
    ),

    "plugin/reload": method(
      { schema: () => HandleParams },
      async (params, request): Promise<LoadResult> => {
        const handle = await audit.reload(params.handle, async () => {
          const found = plugins.find(params.handle);
          await found.reload(request.cancellation);
          return found;
        });
        return loadResult(handle, session);
      },
      (error, params) => audit.refused("plugin/reload", error, params),
    ),

    "plugin/metadata": (request) => {
      const { handle } = decodeParams({ schema: () => HandleParams }, request.takeParams());
      request.resolve(plugins.find(handle).metadata.raw); // without a promise on the way
    },

    "plugin/execute": executeMethod(plugins, session, notifications, audit, settings),

    "plugin/unload": method({ schema: () => UnloadParams }, async ({ handle, force = false }) => {
      await audit.unload(handle, () => plugins.unload(handle, force));
      return {};
    }),

    "plugin/list": method({ schema: () => EmptyParams, form: emptyForm }, () => ({ plugins: plugins.list() })),
  };
}

/** @throws DlrpcError INVALID_PARAMS, PATH_NOT_FOUND */
async function requestedPath({ path, name }: LoadParams, session: Session): Promise<string> {
  if ((path === undefined) === (name === undefined)) {
    throw invalidParams([{ path: "", message: "give exactly one of `path` and `name`" }]);
  }
  if (path !== undefined) return session.resolve(path);
  const found = await findByName(name as string, session.inspectOptions);
  if (found !== undefined) return found;
  const searched = session.trust.canonical;
  throw new DlrpcError("PATH_NOT_FOUND", `No trusted directory holds a plugin called ${name}`, {
    searched,
    hint: `Searched: ${searched.join(", ") || "nothing, for no trusted directory exists"}. Trust more with --trust.`,
  });
}

/** @throws DlrpcError INTEGRITY_FAILED */
function requireIntegrity({ libraryPath, integrity, manifest }: PluginFiles, needed: string | undefined): void {
  if (needed === undefined || needed === integrity) return;
  const message = `${libraryPath} has the hash ${integrity}, ${needed} is needed`;
  throw new DlrpcError("INTEGRITY_FAILED", message, {
    plugin: manifest.name,
    path: libraryPath,
    expected: needed,
    actual: integrity,
  });
}

function loadResult(handle: PluginHandle, session: Session): LoadResult {
  const { id, metadata, files, confinement, report } = handle;
  return {
    handle: id,
    metadata: metadata.raw,
    path: files.path,
    library: files.libraryPath,
    abiVersion: ABI_VERSION,
    isolation: "process",
    sandbox: { profile: confinement.profile, layers: [...report.layers] },
    integrity: files.integrity,
    signature: files.signature,
    warnings: loadWarnings(handle, session),
  };
}
