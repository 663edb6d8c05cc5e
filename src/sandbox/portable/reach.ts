// Owns which paths a confinement lets a plugin reach, for those who tell people what is missing: the system decides by its
// own rules.

import { isWithin } from "../../base/paths.ts";
import { isWithheldDevice } from "../../confinement/devices.ts";
import type { Confinement } from "../../confinement/policy.ts";
import { canonicalOf } from "../canonical.ts";

/** @param path canonical */
export function mayRead(confinement: Confinement, path: string): boolean {
  if (mayWrite(confinement, path) || isIn(path, confinement.read)) return true;
  return confinement.profile === "standard" && !isWithheldDevice(path);
}

/** @param path canonical */
export function mayWrite(confinement: Confinement, path: string): boolean {
  return confinement.profile === "none" || isIn(path, confinement.write);
}

/** Whether a path means the plugin's own process: none does where there is no /proc. */
export function meansItself(_path: string): boolean {
  return false;
}

function isIn(path: string, grants: Confinement["read"]): boolean {
  return grants.some((grant) => {
    const canonical = canonicalOf(grant.path);
    return canonical !== undefined && isWithin(path, canonical);
  });
}
