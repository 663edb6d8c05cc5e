// Owns what the verbs have in common that look at plugins: whom they trust, and which plugin a person means.

import { existsSync } from "node:fs";
import { sep } from "node:path";
import { DlrpcError } from "../../protocol/errors.ts";
import { findByName } from "../plugins/find.ts";
import { absolute } from "../rpc/absolute.ts";
import { Session } from "../server/session.ts";
import { defaultSettings } from "../server/settings.ts";
import type { ParsedOptions } from "./options.ts";
import { namedFiles, signaturePolicy } from "./signature-policy.ts";

/** @throws UsageError, CommandError */
export function inspectingSession(options: ParsedOptions): Session {
  const settings = {
    ...defaultSettings,
    trust: options.all("trust"),
    strictPermissions: options.has("strict-permissions"),
    signatures: signaturePolicy(options),
    files: namedFiles(options),
  };
  return new Session(settings, process.env);
}

/**
 * A path is taken as one where it has a slash or there is something; a name is looked up where plugins are trusted.
 * @throws DlrpcError PATH_NOT_FOUND
 */
export async function pathOfPlugin(plugin: string, { examination, trust }: Session): Promise<string> {
  if (plugin.includes(sep) || existsSync(plugin)) return absolute(plugin);
  const path = await findByName(plugin, examination);
  if (path !== undefined) return path;
  throw new DlrpcError("PATH_NOT_FOUND", `There is no directory ${plugin}, and no trusted plugin of that name`, {
    hint: `Searched: ${trust.canonical.join(", ") || "nothing, for no trusted directory exists"}.`,
  });
}
