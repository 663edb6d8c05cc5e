// Owns what a load is warned of because of where a plugin may write (S11): no rule takes a part of a granted directory away.

import { resolve } from "node:path";
import type { Problem } from "../../../protocol/messages.ts";
import { isWithin } from "../../base/paths.ts";
import { ownPlaces } from "../../platform/program-parts.ts";
import { builtWorkersDirectory } from "../../platform/worker-program/built-worker.ts";
import { warning } from "../../plugins/problem.ts";
import { canonicalPlace } from "../../sandbox/canonical.ts";
import type { Confinement } from "../../sandbox-policy/policy.ts";
import { privateDirectories } from "../../workers/private-directory.ts";
import type { Session } from "../session.ts";

/** @returns one warning that names all that the plugin can change and should not, or none */
export function writableByPlugin({ read, write }: Confinement, { trust, settings }: Session): Problem[] {
  const places = write.map(({ path }) => canonicalPlace(path));
  if (places.length === 0) return [];
  const found = [
    ...within(
      places,
      read.map(({ path }) => path),
      "granted for reading only",
    ),
    ...around(places, trust.all, "trusted: what it puts there may be loaded as a plugin"),
    ...within(
      places,
      settings.files.map((file) => resolve(file)),
      "named on dlrpc's command line",
    ),
    ...within(places, privateDirectories(), "private directories, also of other plugins"),
    ...within(places, [builtWorkersDirectory()], "workers that dlrpc build-worker makes"),
    ...within(places, ownPlaces(), "dlrpc itself"),
  ];
  if (found.length === 0) return [];
  const message = `The plugin may write to all that is in ${places.join(", ")}, and so to ${found.join(", ")}`;
  const hint = "Grant directories that do not contain it, as `write` and as workspaceRoot, or keep it elsewhere.";
  return [warning("WRITABLE_BY_PLUGIN", message, hint)];
}

/** @param paths absolute; what is not there yet counts, as the plugin could make it */
function within(places: readonly string[], paths: readonly string[], what: string): string[] {
  const isInside = (path: string) => places.some((place) => isWithin(path, place));
  return paths.filter((path) => isInside(canonicalPlace(path))).map((path) => `${path} (${what})`);
}

/** The same for directories of which any part is too much. */
function around(places: readonly string[], directories: readonly string[], what: string): string[] {
  const canonical = directories.map(canonicalPlace);
  const overlaps = (one: string, other: string) => isWithin(one, other) || isWithin(other, one);
  return [...new Set(canonical)]
    .filter((directory) => places.some((place) => overlaps(directory, place)))
    .map((directory) => `${directory} (${what})`);
}
