// Owns confinement by Landlock (landlock(7)): files, TCP, and signals and sockets that lead outside.

import { closeSync, fstatSync, openSync } from "node:fs";
import { allowBeneath, landlockRuleset, landlockVersion, restrictByLandlock } from "../native/landlock.ts";
import type { FileAccess } from "./files.ts";

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

/**
 * Confines the calling thread, and what it becomes and starts. Everything is forbidden but for `access`.
 * @param tcp whether TCP is forbidden
 * @returns the layers in effect
 * @throws Error saying why there are none
 */
export function confineByLandlock(access: FileAccess, tcp: boolean): LandlockLayer[] {
  const layers = availableLandlock().filter((layer) => tcp || layer !== "landlock-tcp");
  const has = (layer: LandlockLayer) => layers.includes(layer);
  const files = anyOf(
    ofFirstVersion,
    landlockVersion() >= 2 ? Right.refer : 0, // before it exists, moving a file to another directory is forbidden
    has("landlock-truncate") ? Right.truncate : 0,
    has("landlock-devices") ? Right.controlDevice : 0,
  );
  const ruleset = landlockRuleset({
    files,
    tcp: has("landlock-tcp") ? BIND_AND_CONNECT : 0,
    scope: has("landlock-scope") ? SOCKETS_AND_SIGNALS : 0,
  });
  const allow = (paths: readonly string[], rights: number) => {
    for (const path of paths) allowPath(ruleset, path, files & rights);
  };
  allow(access.read, reading);
  allow(access.execute, reading | Right.execute);
  allow(access.write, ~neverWritten);
  restrictByLandlock(ruleset);
  closeSync(ruleset);
  return layers;
}

const O_PATH = 0o10000000;

/** What does not exist needs no rule: whatever appears there later is not what was meant. */
function allowPath(ruleset: number, path: string, rights: number): void {
  let descriptor: number;
  try {
    descriptor = openSync(path, O_PATH);
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) return;
    throw error;
  }
  try {
    allowBeneath(ruleset, descriptor, fstatSync(descriptor).isDirectory() ? rights : rights & ofFiles);
  } finally {
    closeSync(descriptor);
  }
}
