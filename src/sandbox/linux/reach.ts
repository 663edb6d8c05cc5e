// Owns which paths a confinement lets a plugin reach, for those who tell people what is missing: the kernel decides by its
// own rules.

import { isWithin } from "../../base/paths.ts";
import { isWithheldDevice } from "../../confinement/devices.ts";
import { fileAccess } from "../../confinement/files.ts";
import type { Confinement } from "../../confinement/policy.ts";
import { canonicalOf } from "../canonical.ts";
import { certificatePaths } from "../environment.ts";

/** @param path canonical */
export function mayRead(confinement: Confinement, path: string): boolean {
  if (confinement.profile === "none") return true;
  if (mayWrite(confinement, path) || isIn(path, pathsOf(confinement.read))) return true;
  if (confinement.profile === "standard") return !isWithheldDevice(path);
  const { read, machine } = own(confinement);
  return isIn(path, [...read, ...machine]);
}

/** @param path canonical */
export function mayWrite(confinement: Confinement, path: string): boolean {
  if (confinement.profile === "none") return true;
  const { write, control } = own(confinement);
  return isIn(path, [...write, ...control, ...pathsOf(confinement.write)]);
}

const own = (confinement: Confinement) =>
  fileAccess(confinement, { temporary: undefined, libraries: undefined, certificates: certificatePaths() });
const pathsOf = (grants: Confinement["read"]) => grants.map(({ path }) => path);

/** @param places what does not exist counts for nothing */
function isIn(path: string, places: readonly string[]): boolean {
  return places.some((place) => {
    const canonical = canonicalOf(place);
    return canonical !== undefined && isWithin(path, canonical);
  });
}

/** Whether a path means the plugin's own process, which it may read without a grant. To dlrpc it would mean dlrpc's. */
export function meansItself(path: string): boolean {
  return /^\/proc\/(thread-)?self(\/|$)/.test(path);
}
