// Owns what a plugin says that it needs and was not granted (S7): without a warning it would fail later, in words of its own.

import { mayRead, mayWrite, meansItself } from "#sandbox/reach";
import type { Permissions, Problem } from "../../../protocol/messages.ts";
import { isWithin } from "../../base/paths.ts";
import type { PluginFiles } from "../../plugins/inspected-plugin.ts";
import { warning } from "../../plugins/problem.ts";
import { canonicalPlace } from "../../sandbox/canonical.ts";
import { type Confinement, isLooser } from "../../sandbox-policy/policy.ts";
import type { Session } from "../session.ts";

/** @returns one warning that names each wish of plugin.json, or none */
export function ungranted({ path, manifest }: PluginFiles, confinement: Confinement, session: Session): Problem[] {
  const missing = missingOf(manifest.permissions ?? {}, path, confinement, session);
  const names = Object.entries(missing).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  if (names.length === 0) return [];
  const message = `plugin.json asks for ${names.join(", ")}, which is not granted`;
  const hint = `Where the plugin is to have it, add it to "sandbox" of plugin/load: ${JSON.stringify(missing)}; or use dlrpc exec --grant-requested.`;
  return [warning("PERMISSIONS_NOT_GRANTED", message, hint)];
}

/** What would have to be granted beside what is. */
function missingOf(asked: Permissions, directory: string, confinement: Confinement, session: Session): Permissions {
  if (confinement.profile === "none") return {};
  const { profile, network, exec, gpu, memoryMb } = asked;
  const canonical = (path: string) => canonicalPlace(session.resolve(path));
  const isOwn = (path: string) => meansItself(path) || isWithin(canonical(path), directory);
  const read = (asked.read ?? []).filter((path) => !isOwn(path) && !mayRead(confinement, canonical(path)));
  const write = (asked.write ?? []).filter((path) => !mayWrite(confinement, canonical(path)));
  return {
    ...(profile !== undefined && isLooser(profile, confinement.profile) && { profile }),
    ...(network === true && !confinement.network && { network }),
    ...(exec === true && !confinement.exec && { exec }),
    ...(gpu === true && !confinement.gpu && { gpu }),
    ...(read.length > 0 && { read }),
    ...(write.length > 0 && { write }),
    ...(memoryMb !== undefined && memoryMb > confinement.memoryMb && { memoryMb }),
  };
}
