// Which paths a confinement lets a plugin reach, for telling people what is missing: the system decides by its own rules.

import { isWithheldDevice } from "../../sandbox-policy/devices.ts";
import type { Confinement } from "../../sandbox-policy/policy.ts";
import { liesIn } from "../canonical.ts";

const pathsOf = (grants: Confinement["read"]) => grants.map(({ path }) => path);

/** @param path canonical */
export function mayRead(confinement: Confinement, path: string): boolean {
  if (mayWrite(confinement, path) || liesIn(path, pathsOf(confinement.read))) return true;
  return confinement.profile === "standard" && !isWithheldDevice(path);
}

/** @param path canonical */
export function mayWrite(confinement: Confinement, path: string): boolean {
  return confinement.profile === "none" || liesIn(path, pathsOf(confinement.write));
}

/** Whether a path means the plugin's own process: none does where there is no /proc. */
export function meansItself(_path: string): boolean {
  return false;
}
