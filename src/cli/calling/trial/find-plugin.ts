// Whom a command line trusts, and finding the plugin that it names.

import { existsSync } from "node:fs";
import { sep } from "node:path";
import { DlrpcError } from "../../../../protocol/errors.ts";
import { absolute } from "../../../base/absolute-path.ts";
import { findByName } from "../../../plugins/find.ts";
import { InspectedPlugin } from "../../../plugins/inspected-plugin.ts";
import { Session } from "../../../server/session.ts";
import { defaultSettings } from "../../../server/settings.ts";
import type { ParsedOptions } from "../../options.ts";
import { namedFiles, signaturePolicy } from "../../signing/signature-policy.ts";

/** @param workspace absolute @throws CommandError where a key cannot be read */
export function sessionOf(options: ParsedOptions, workspace: string | undefined): Session {
  const settings = {
    ...defaultSettings,
    trustWorkspace: options.has("trust-workspace"),
    trust: options.all("trust"),
    strictPermissions: options.has("strict-permissions"),
    signatures: signaturePolicy(options),
    files: namedFiles(options),
  };
  const session = new Session(settings, process.env);
  if (workspace !== undefined) session.enterWorkspace(workspace);
  return session;
}

/**
 * A path that a person typed is meant to run; a name is looked up where plugins are trusted.
 * @throws DlrpcError PATH_NOT_FOUND
 */
export async function findPlugin(name: string, session: Session): Promise<InspectedPlugin> {
  if (isPath(name)) session.trust.add(absolute(name));
  return InspectedPlugin.of(await pathOfPlugin(name, session), session.inspectOptions);
}

/** Where the plugin is that a person means, whatever is to be done with it. @throws DlrpcError PATH_NOT_FOUND */
export async function pathOfPlugin(name: string, { inspectOptions, trust }: Session): Promise<string> {
  if (isPath(name)) return absolute(name);
  const path = await findByName(name, inspectOptions);
  if (path !== undefined) return path;
  throw new DlrpcError("PATH_NOT_FOUND", `There is no directory ${name}, and no trusted plugin of that name`, {
    hint: `Searched: ${trust.canonical.join(", ") || "nothing, for no trusted directory exists"}.`,
  });
}

function isPath(name: string): boolean {
  return name.includes(sep) || existsSync(name);
}
