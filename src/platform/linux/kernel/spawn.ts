// Owns starting a process (posix_spawn(3)). Node's own way keeps the event loop waiting four times as long.

import { closeSync } from "node:fs";
import { Disposables } from "../../../base/disposables.ts";
import { CallError, libc } from "../../../ffi/libc.ts";
import { duplicateDescriptor } from "./descriptors.ts";

const SETSIGDEF = 0x04;
const SETSIGMASK = 0x08;
const SETSID = 0x80;
/** More than the structures of any C library take: posix_spawnattr_t has 336 bytes, sigset_t 128. */
const STRUCTURE_BYTES = 512;

const posixSpawn = libc("posix_spawn", "int", ["void *", "str", "void *", "void *", "str *", "str *"]);
const initActions = libc("posix_spawn_file_actions_init", "int", ["void *"]);
const addDuplicate = libc("posix_spawn_file_actions_adddup2", "int", ["void *", "int", "int"]);
const destroyActions = libc("posix_spawn_file_actions_destroy", "int", ["void *"]);
const initAttributes = libc("posix_spawnattr_init", "int", ["void *"]);
const setFlags = libc("posix_spawnattr_setflags", "int", ["void *", "int"]);
const setDefaults = libc("posix_spawnattr_setsigdefault", "int", ["void *", "void *"]);
const setMask = libc("posix_spawnattr_setsigmask", "int", ["void *", "void *"]);
const fillSet = libc("sigfillset", "int", ["void *"]);

export interface ProcessOptions {
  /** Looked up when its descriptors are in place. */
  readonly path: string;
  /** The first one is the program's name. */
  readonly args: readonly string[];
  /** Each `NAME=value`. */
  readonly environment: readonly string[];
  /** What it has open: by the number there the descriptor here, undefined where it has none. All others are closed. */
  readonly descriptors: readonly (number | undefined)[];
}

/**
 * Starts a process in a session and a group of its own, with all signals as at the start of a program.
 * @returns its number @throws CallError such as ENOENT
 */
export function spawnProcess({ path, args, environment, descriptors }: ProcessOptions): number {
  const actions = Buffer.alloc(STRUCTURE_BYTES);
  const pid = Buffer.alloc(4);
  using begun = new Disposables();
  initActions(actions);
  begun.defer(() => destroyActions(actions));
  for (const [to, from] of descriptors.entries())
    if (from !== undefined) addDuplicate(actions, outOfTheWay(from, descriptors.length, begun), to);
  const error = posixSpawn(pid, path, actions, ownSession(), [...args, null], [...environment, null]);
  if (error !== 0) throw new CallError(`posix_spawn of ${path}`, error);
  return pid.readInt32LE(0);
}

/** One that has a number which the new process uses for another would be overwritten before it is its turn. */
function outOfTheWay(descriptor: number, count: number, begun: Disposables): number {
  if (descriptor >= count) return descriptor;
  const above = duplicateDescriptor(descriptor, count);
  begun.defer(() => closeSync(above));
  return above;
}

let attributes: Buffer | undefined;

function ownSession(): Buffer {
  if (attributes === undefined) {
    attributes = Buffer.alloc(STRUCTURE_BYTES);
    const signals = Buffer.alloc(STRUCTURE_BYTES);
    initAttributes(attributes);
    setMask(attributes, signals); // none is blocked
    fillSet(signals);
    setDefaults(attributes, signals);
    setFlags(attributes, SETSIGDEF | SETSIGMASK | SETSID);
  }
  return attributes;
}
