// Owns what a load is warned of because of where a plugin may write (S11): no rule takes a part of a granted directory away.

import type { Problem } from "../../protocol/messages.ts";
import type { Confinement } from "../confinement/policy.ts";
import { canonicalPlace } from "../hosting/reach.ts";
import { toProblem } from "../plugins/finding.ts";
import { isWithin } from "../plugins/trust.ts";

/** @returns one warning that names all that the plugin can change and should not, or none */
export function writableByPlugin({ read, write }: Confinement): Problem[] {
  const places = write.map(({ path }) => canonicalPlace(path));
  const isWritable = (path: string) => places.some((place) => isWithin(canonicalPlace(path), place));
  const found = read.filter(({ path }) => isWritable(path)).map(({ path }) => `${path} (granted for reading only)`);
  if (found.length === 0) return [];
  const message = `The plugin may write to all that is in ${places.join(", ")}, and so to ${found.join(", ")}`;
  const hint = "Grant directories that do not contain it, as `write` and as workspaceRoot, or keep it elsewhere.";
  return [toProblem({ severity: "warning", code: "WRITABLE_BY_PLUGIN", message, hint })];
}
