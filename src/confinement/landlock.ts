// Owns confinement by Landlock (landlock(7)): files, TCP, and signals and sockets that lead outside.

import { closeSync } from "node:fs";
import { Disposables } from "../disposables.ts";
import { allowBeneath, landlockRuleset, landlockVersion } from "../native/landlock.ts";
import { hasOwnProc } from "../observe/own-proc.ts";
import { fileAccess, type OwnPaths } from "./files.ts";
import { type Grant, openIfThere } from "./grants.ts";
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
const controlling = anyOf(reading, Right.writeFile, Right.truncate, Right.controlDevice);
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

/** Rules that a worker puts itself under: until it does, more can be allowed. */
export interface Ruleset extends Disposable {
  readonly descriptor: number;
  /**
   * Lets process `pid` read what the system says of it, and write what it says of its threads, such as their names
   * (proc(5)). @returns to be given back when it has ended
   */
  allowItself(pid: number): Disposable;
  /** The layers that are then in effect. */
  readonly layers: readonly LandlockLayer[];
}

/**
 * Makes rules by which everything is forbidden but for what the profile and the grants allow.
 * @param plugin the plugin's directory, which it may read
 * @returns what the worker is to have open
 * @throws Error saying why there are no such rules
 */
export function makeRuleset(confinement: Confinement, own: OwnPaths, plugin: Grant): Ruleset {
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
      using found = openIfThere(path);
      if (found !== undefined) allow([found], rights);
    }
  };
  const granted = exec ? reading | Right.execute : reading;
  const access = fileAccess(confinement, own);
  allowPaths(access.read, reading);
  allow(access.machine.flatMap(keptOpen), reading);
  allowPaths(access.execute, reading | Right.execute);
  allowPaths(access.write, ~neverWritten);
  allowPaths(access.control, controlling);
  allow([plugin, ...read], granted);
  allow(write, granted | ~neverWritten);
  return {
    descriptor,
    layers,
    allowItself(pid) {
      // Open, they stay those that the rules are on; and no other process has them, whatever gets the number later.
      using opened = new Disposables();
      const allowOwn = (path: string, rights: number) => {
        const found = openIfThere(path);
        if (found !== undefined) allow([opened.use(found)], rights);
      };
      if (!hasOwnProc()) return opened.move();
      allowOwn(`/proc/${pid}`, reading);
      allowOwn(`/proc/${pid}/task`, Right.writeFile);
      return opened.move();
    },
    [Symbol.dispose]: () => closeSync(descriptor),
  };
}

const kept = new Map<string, Grant>();

/** A rule on a file of /proc holds only as long as somebody has it open: then the system forgets what the rule is on. */
function keptOpen(path: string): Grant[] {
  const grant = kept.get(path) ?? openIfThere(path);
  if (grant === undefined) return [];
  kept.set(path, grant);
  return [grant];
}
