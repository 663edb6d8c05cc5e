// Which paths a confinement lets a plugin reach, for telling people what is missing: the kernel decides by its own rules.

import { isWithheldDevice } from "../../sandbox-policy/devices.ts";
import { fileAccess } from "../../sandbox-policy/files.ts";
import type { Confinement } from "../../sandbox-policy/policy.ts";
import { liesIn } from "../canonical.ts";
import { certificatePaths } from "../environment.ts";

/** @param path canonical */
export function mayRead(confinement: Confinement, path: string): boolean {
  if (confinement.profile === "none") return true;
  if (mayWrite(confinement, path) || liesIn(path, pathsOf(confinement.read))) return true;
  if (confinement.profile === "standard") return !isWithheldDevice(path);
  const { read, machine } = own(confinement);
  return liesIn(path, [...read, ...machine]);
}

/** @param path canonical */
export function mayWrite(confinement: Confinement, path: string): boolean {
  if (confinement.profile === "none") return true;
  const { write, control } = own(confinement);
  return liesIn(path, [...write, ...control, ...pathsOf(confinement.write)]);
}

const own = (confinement: Confinement) =>
  fileAccess(confinement, { temporary: undefined, libraries: undefined, certificates: certificatePaths() });
const pathsOf = (grants: Confinement["read"]) => grants.map(({ path }) => path);

/** Whether a path means the plugin's own process, which it may read without a grant. To dlrpc it would mean dlrpc's. */
export function meansItself(path: string): boolean {
  return /^\/proc\/(thread-)?self(\/|$)/.test(path);
}
