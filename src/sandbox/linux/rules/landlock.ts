// Confinement by Landlock (landlock(7)): files, TCP and UDP, and signals and sockets that lead outside.

import { closeSync, readlinkSync } from "node:fs";
import { Disposables } from "../../../base/disposables.ts";
import { isWithin } from "../../../base/paths.ts";
import { pathOf } from "../../../platform/linux/files/nameless-file.ts";
import {
  allowBeneath,
  type HandledRights,
  landlockRuleset,
  landlockVersion,
} from "../../../platform/linux/kernel/landlock.ts";
import { hasOwnProc } from "../../../platform/linux/kernel/own-proc.ts";
import { fileAccess, type OwnPaths } from "../../../sandbox-policy/files.ts";
import { type Grant, openIfThere } from "../../../sandbox-policy/grants.ts";
import type { Confinement } from "../../../sandbox-policy/policy.ts";

/** The rights on files (LANDLOCK_ACCESS_FS_*, linux/landlock.h). */
export const Right = {
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
  resolveSocket: 1 << 16,
} as const;

const anyOf = (...rights: readonly number[]) => rights.reduce((all, right) => all | right, 0);
const ofFirstVersion = Right.refer - 1;
const reading = anyOf(Right.readFile, Right.readDirectory);
/** A device that is made, or controlled, is a way around every rule on files, and a socket a way to another process. */
const neverWritten = anyOf(
  ...[Right.execute, Right.makeCharacterDevice, Right.makeBlockDevice, Right.controlDevice, Right.resolveSocket],
);
const controlling = anyOf(reading, Right.writeFile, Right.truncate, Right.controlDevice);
const ofFiles = anyOf(Right.execute, Right.writeFile, Right.readFile, Right.truncate, Right.controlDevice);

const BIND_AND_CONNECT_TCP = 3; // LANDLOCK_ACCESS_NET_BIND_TCP, CONNECT_TCP
const BIND_AND_SEND_UDP = 12; // LANDLOCK_ACCESS_NET_BIND_UDP, CONNECT_SEND_UDP
const SOCKETS_AND_SIGNALS = 3; // LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET, SIGNAL
const LOG_PROGRAMS = 1 << 1; // LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON
const ALL_THREADS = 1 << 3; // LANDLOCK_RESTRICT_SELF_TSYNC

/** The layers of Landlock, each from the version of its interface that brought it. */
export const landlockLayers = {
  "landlock-files": 1,
  "landlock-truncate": 3,
  "landlock-tcp": 4,
  "landlock-devices": 5,
  "landlock-scope": 6,
  "landlock-audit": 7,
  "landlock-threads": 8,
  "landlock-sockets": 9,
  "landlock-udp": 10,
} as const;
export type LandlockLayer = keyof typeof landlockLayers;

const onInternet: readonly LandlockLayer[] = ["landlock-tcp", "landlock-udp"];

/** The layers that the running system has. @throws Error saying why it has none */
export function availableLandlock(): LandlockLayer[] {
  return landlockOf(landlockVersion());
}

/** The layers that a version of the interface has. */
export function landlockOf(version: number): LandlockLayer[] {
  const layers = Object.entries(landlockLayers) as [LandlockLayer, number][];
  return layers.filter(([, since]) => version >= since).map(([layer]) => layer);
}

/** What a process under these layers may do by rules only. */
export function handledRights(layers: readonly LandlockLayer[], version: number): HandledRights {
  const of = (layer: LandlockLayer, rights: number) => (layers.includes(layer) ? rights : 0);
  return {
    files: anyOf(
      ofFirstVersion,
      version >= 2 ? Right.refer : 0, // before it exists, moving a file to another directory is forbidden
      of("landlock-truncate", Right.truncate),
      of("landlock-devices", Right.controlDevice),
      of("landlock-sockets", Right.resolveSocket),
    ),
    network: anyOf(of("landlock-tcp", BIND_AND_CONNECT_TCP), of("landlock-udp", BIND_AND_SEND_UDP)),
    scope: of("landlock-scope", SOCKETS_AND_SIGNALS),
  };
}

/** Flags of landlock_restrict_self(2). What is refused to programs that the process starts is logged as well. */
export function restrictingFlags(layers: readonly LandlockLayer[]): number {
  const of = (layer: LandlockLayer, flag: number) => (layers.includes(layer) ? flag : 0);
  return anyOf(of("landlock-audit", LOG_PROGRAMS), of("landlock-threads", ALL_THREADS));
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
  readonly rules: FileRules;
}

/** What the rules on files are, for who tells people: the system goes by its own. */
export interface FileRules {
  /** The rights without a rule that is on a place or on a directory that it lies in. @param path canonical, as Latin-1 */
  missing(path: string, rights: number): number;
}

interface Rule {
  /** Where what it is on was when the rule was made: as Latin-1. */
  readonly path: string;
  readonly rights: number;
}

/**
 * Makes rules by which everything is forbidden but for what the profile and the grants allow.
 * @param plugin the plugin's directory, which it may read
 * @returns what the worker is to have open
 * @throws Error saying why there are no such rules
 */
export function makeRuleset(confinement: Confinement, own: OwnPaths, plugin: Grant): Ruleset {
  const { network, exec, read, write, explanation } = confinement;
  const version = landlockVersion();
  const layers = landlockOf(version).filter((layer) => !(network && onInternet.includes(layer)));
  const handled = handledRights(layers, version);
  const { files } = handled;
  using begun = new Disposables();
  const descriptor = landlockRuleset(handled);
  begun.defer(() => closeSync(descriptor));
  const rules: Rule[] = [];
  const allow = (grants: Iterable<Grant>, wanted: number) => {
    for (const { descriptor: granted, isDirectory } of grants) {
      const rights = files & (isDirectory ? wanted : wanted & ofFiles);
      allowBeneath(descriptor, granted, rights);
      if (explanation !== undefined) rules.push({ path: readlinkSync(pathOf(granted), "latin1"), rights });
    }
  };
  const allowPaths = (paths: readonly string[], rights: number) => {
    for (const path of paths) {
      using found = openIfThere(path);
      if (found !== undefined) allow([found], rights);
    }
  };
  const granted = exec ? reading | Right.execute : reading;
  const access = fileAccess(confinement, own);
  allowPaths(access.list, Right.readDirectory);
  allowPaths(access.read, reading);
  allow(access.machine.flatMap(keptOpen), reading);
  allowPaths(access.execute, reading | Right.execute);
  allowPaths(access.write, ~neverWritten);
  allowPaths(access.control, controlling);
  allow([plugin, ...read], granted);
  allow(write, granted | ~neverWritten);
  begun.move();
  return {
    descriptor,
    layers,
    rules: {
      missing(path, rights) {
        const found = rules.filter((rule) => isWithin(path, rule.path));
        return found.reduce((left, rule) => left & ~rule.rights, rights & files);
      },
    },
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
