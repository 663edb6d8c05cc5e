// Owns whom a command line trusts, and finding the plugin that it names.

import { existsSync } from "node:fs";
import { sep } from "node:path";
import { DlrpcError } from "../../../protocol/errors.ts";
import { Examination } from "../../plugins/examine.ts";
import { findByName } from "../../plugins/find.ts";
import { absolute } from "../../rpc/absolute.ts";
import { Session } from "../../server/session.ts";
import { defaultSettings } from "../../server/settings.ts";
import type { ParsedOptions } from "../options.ts";
import { namedFiles, signaturePolicy } from "../signature-policy.ts";

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
export async function findPlugin(name: string, session: Session): Promise<Examination> {
  if (name.includes(sep) || existsSync(name)) {
    session.trust.add(absolute(name));
    return Examination.of(absolute(name), session.examination);
  }
  const path = await findByName(name, session.examination);
  if (path !== undefined) return Examination.of(path, session.examination);
  throw new DlrpcError("PATH_NOT_FOUND", `There is no directory ${name}, and no trusted plugin of that name`, {
    hint: `Searched: ${session.trust.canonical.join(", ") || "nothing, for no trusted directory exists"}.`,
  });
}
