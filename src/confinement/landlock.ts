// Owns confinement by Landlock (landlock(7)): files, TCP, and signals and sockets that lead outside.

import { closeSync, openSync } from "node:fs";
import { allowBeneath, landlockRuleset, landlockVersion } from "../native/landlock.ts";
import { fileAccess, type PrivatePaths } from "./files.ts";
import { type Grant, grantOf } from "./grants.ts";
import type { Confinement } from "./policy.ts";

/** The rights on files (LANDLOCK_ACCESS_FS_*, linux/landlock.h). */
const Right = {
  execute: 1 << 0,
  writeFile: 1 << 1,
  readFile: 1 << 2,
  readDirectory: 1 << 3,
  removeDirectory: 1 << 4,
  removeFile: 1 << 5,
  makeCharacterDevice: 1 << 6,
  makeDirectory: 1 << 7,
  makeFile: 1 << 8,
  makeSocket: 1 << 9,
  makeFifo: 1 << 10,
  makeBlockDevice: 1 << 11,
  makeLink: 1 << 12,
  refer: 1 << 13,
  truncate: 1 << 14,
  controlDevice: 1 << 15,
} as const;

const anyOf = (...rights: readonly number[]) => rights.reduce((all, right) => all | right, 0);
const ofFirstVersion = Right.refer - 1;
const reading = anyOf(Right.readFile, Right.readDirectory);
/** A device that is made, or controlled, is a way around every rule on files. */
const neverWritten = anyOf(Right.execute, Right.makeCharacterDevice, Right.makeBlockDevice, Right.controlDevice);
const ofFiles = anyOf(Right.execute, Right.writeFile, Right.readFile, Right.truncate, Right.controlDevice);

const BIND_AND_CONNECT = 3; // LANDLOCK_ACCESS_NET_BIND_TCP, CONNECT_TCP
const SOCKETS_AND_SIGNALS = 3; // LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET, SIGNAL

/** The layers of Landlock, each from the version of its interface that brought it. */
export const landlockLayers = {
  "landlock-files": 1,
  "landlock-truncate": 3,
  "landlock-tcp": 4,
  "landlock-devices": 5,
  "landlock-scope": 6,
} as const;
export type LandlockLayer = keyof typeof landlockLayers;

/** The layers that the running system has. @throws Error saying why it has none */
export function availableLandlock(): LandlockLayer[] {
  const version = landlockVersion();
  const layers = Object.entries(landlockLayers) as [LandlockLayer, number][];
  return layers.filter(([, since]) => version >= since).map(([layer]) => layer);
}

/** Rules that a worker puts itself under. */
export interface Ruleset extends Disposable {
  readonly descriptor: number;
  /** The layers that are then in effect. */
  readonly layers: readonly LandlockLayer[];
}

/**
 * Makes rules by which everything is forbidden but for what the profile and the grants allow.
 * @returns what the worker is to have open
 * @throws Error saying why there are no such rules
 */
export function makeRuleset(confinement: Confinement, own: PrivatePaths): Ruleset {
  const { network, exec, read, write } = confinement;
  const layers = availableLandlock().filter((layer) => !network || layer !== "landlock-tcp");
  const has = (layer: LandlockLayer) => layers.includes(layer);
  const files = anyOf(
    ofFirstVersion,
    landlockVersion() >= 2 ? Right.refer : 0, // before it exists, moving a file to another directory is forbidden
    has("landlock-truncate") ? Right.truncate : 0,
    has("landlock-devices") ? Right.controlDevice : 0,
  );
  const descriptor = landlockRuleset({
    files,
    tcp: has("landlock-tcp") ? BIND_AND_CONNECT : 0,
    scope: has("landlock-scope") ? SOCKETS_AND_SIGNALS : 0,
  });
  const allow = (grants: Iterable<Grant>, rights: number) => {
    for (const { descriptor: granted, isDirectory } of grants)
      allowBeneath(descriptor, granted, files & (isDirectory ? rights : rights & ofFiles));
  };
  const allowPaths = (paths: readonly string[], rights: number) => {
    for (const path of paths) {
      using found = openPath(path);
      if (found !== undefined) allow([found], rights);
    }
  };
  const granted = exec ? reading | Right.execute : reading;
  const access = fileAccess(confinement, own);
  allowPaths(access.read, reading);
  allowPaths(access.execute, reading | Right.execute);
  allowPaths(access.write, ~neverWritten);
  allow(read, granted);
  allow(write, granted | ~neverWritten);
  return { descriptor, layers, [Symbol.dispose]: () => closeSync(descriptor) };
}

const O_PATH = 0o10000000;

/** A path of the profile's own, whose links are followed. @returns undefined where it does not exist or must not be seen */
function openPath(path: string): Grant | undefined {
  try {
    return grantOf(path, openSync(path, O_PATH));
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
