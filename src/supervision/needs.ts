// Owns what a call on a path needs: which rights, on which place; nothing where the call would fail without rules, too.

import { type BigIntStats, constants, lstatSync, realpathSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { Right } from "../confinement/landlock.ts";
import { isPermitted } from "../native/descriptors.ts";
import type { BytePath } from "./caller.ts";

const { F_OK, R_OK, W_OK, X_OK, O_CREAT, O_EXCL, O_TRUNC, O_DIRECTORY, O_NOFOLLOW, O_WRONLY, O_RDWR } = constants;
const O_ACCMODE = 0o3;
const O_PATH = 0o10000000;
const O_TMPFILE = 0o20000000 | O_DIRECTORY;
const S_IFMT = 0o170000;

export interface Need {
  /** Canonical: the file, or the directory in which one is made, removed or renamed. */
  readonly place: BytePath;
  readonly isDirectory: boolean;
  readonly rights: number;
  /** For people: what is done, and to what. */
  readonly access: string;
  readonly subject: BytePath;
}

export function opening(path: BytePath, flags: number): Need[] {
  if ((flags & O_PATH) !== 0) return [];
  const mode = flags & O_ACCMODE;
  const reads = mode !== O_WRONLY;
  const writes = mode === O_WRONLY || mode === O_RDWR;
  if ((flags & O_TMPFILE) === O_TMPFILE) return within(canonical(path), path, Right.writeFile, "create");
  const isNew = (flags & O_CREAT) !== 0 && (flags & O_EXCL) !== 0;
  const found = existing(path, (flags & O_NOFOLLOW) === 0 && !isNew);
  if (found === undefined)
    return (flags & O_CREAT) === 0 ? [] : making(path, Right.makeFile | (writes ? Right.writeFile : 0), "create");
  const { place, status } = found;
  const isDirectory = status.isDirectory();
  const isMisfit = isDirectory ? writes : (flags & O_DIRECTORY) !== 0 || status.isSymbolicLink() || status.isSocket();
  if (isNew || isMisfit || !isAllowed(place, (reads ? R_OK : 0) | (writes ? W_OK : 0))) return [];
  const rights =
    (reads ? (isDirectory ? Right.readDirectory : Right.readFile) : 0) |
    (writes ? Right.writeFile : 0) |
    ((flags & O_TRUNC) !== 0 ? Right.truncate : 0);
  const access = writes ? (reads ? "read and write" : "write") : "read";
  return [{ place, isDirectory, rights, access, subject: place }];
}

export function cuttingOff(path: BytePath): Need[] {
  const found = existing(path, true);
  if (found === undefined || !isAllowed(found.place, W_OK)) return [];
  return [{ ...found, rights: Right.truncate, access: "write", subject: found.place }];
}

export function executing(path: BytePath): Need[] {
  const found = existing(path, true);
  if (found === undefined || found.isDirectory || !isAllowed(found.place, X_OK)) return [];
  return [{ ...found, rights: Right.execute, access: "execute", subject: found.place }];
}

/** Of what is not there yet. */
export function making(path: BytePath, rights: number, access: string): Need[] {
  const parent = parentOf(path);
  if (parent === undefined || statusOf(path, false) !== undefined) return [];
  return within(parent, `${parent}/${basename(path)}`, rights, access);
}

export function makingNode(path: BytePath, mode: number): Need[] {
  const right = { 4802: Right.makeCharacterDevice, 14406: Right.makeBlockDevice, 2401: Right.makeFifo }[mode & S_IFMT];
  const isSocket = (mode & S_IFMT) === 0o140000;
  return making(path, right ?? (isSocket ? Right.makeSocket : Right.makeFile), "create");
}

export function removing(path: BytePath, isDirectory: boolean, rights = 0, access = "remove"): Need[] {
  const parent = parentOf(path);
  const status = statusOf(path, false);
  if (parent === undefined || status === undefined || status.isDirectory() !== isDirectory) return [];
  const right = isDirectory ? Right.removeDirectory : Right.removeFile;
  return within(parent, `${parent}/${basename(path)}`, right | rights, access);
}

export function renaming(from: BytePath, to: BytePath): Need[] {
  const status = statusOf(from, false);
  if (status === undefined) return [];
  const [parent, target] = [parentOf(from), parentOf(to)];
  if (parent === undefined || target === undefined) return [];
  const moves = parent === target ? 0 : Right.refer;
  return [
    ...removing(from, status.isDirectory(), moves, "rename"),
    ...within(target, `${target}/${basename(to)}`, makes(status) | moves, "create"),
  ];
}

export function linking(from: BytePath, to: BytePath): Need[] {
  const status = statusOf(from, false);
  const [parent, target] = [parentOf(from), parentOf(to)];
  if (status === undefined || status.isDirectory()) return [];
  return making(to, makes(status) | (parent === target ? 0 : Right.refer), "create");
}

/** Such as ioctl(2), on what is open. @param place where it is */
export function controlling(place: BytePath): Need[] {
  const status = statusOf(place, true);
  const isDevice = status?.isCharacterDevice() === true || status?.isBlockDevice() === true;
  if (!isDevice) return [];
  return [{ place, isDirectory: false, rights: Right.controlDevice, access: "control", subject: place }];
}

/** What changes a file's mode or times: only who owns it may. */
export function changing(path: BytePath, follows: boolean): Need[] {
  const found = existing(path, follows);
  if (found === undefined || Number(found.status.uid) !== process.geteuid?.()) return [];
  return [{ ...found, rights: Right.writeFile, access: "change", subject: found.place }];
}

function makes(status: BigIntStats): number {
  if (status.isDirectory()) return Right.makeDirectory;
  if (status.isSymbolicLink()) return Right.makeLink;
  if (status.isSocket()) return Right.makeSocket;
  return status.isFIFO() ? Right.makeFifo : Right.makeFile;
}

function within(place: BytePath | undefined, subject: BytePath, rights: number, access: string): Need[] {
  if (place === undefined || !isAllowed(place, W_OK | X_OK)) return [];
  return [{ place, isDirectory: true, rights, access, subject }];
}

interface Found {
  readonly place: BytePath;
  readonly isDirectory: boolean;
  readonly status: BigIntStats;
}

function existing(path: BytePath, follows: boolean): Found | undefined {
  const status = statusOf(path, follows);
  const parent = follows ? undefined : parentOf(path);
  const place = follows ? canonical(path) : parent === undefined ? undefined : `${parent}/${basename(path)}`;
  return status === undefined || place === undefined
    ? undefined
    : { place: place.replace(/^\/\//, "/"), isDirectory: status.isDirectory(), status };
}

const bytes = (path: BytePath) => Buffer.from(path, "latin1");

function isAllowed(path: BytePath, mode: number): boolean {
  return isPermitted(bytes(path), mode || F_OK);
}

function statusOf(path: BytePath, follows: boolean): BigIntStats | undefined {
  try {
    return (follows ? statSync : lstatSync)(bytes(path), { bigint: true });
  } catch {
    return undefined; // whatever keeps this process from looking keeps the plugin from more
  }
}

export function canonical(path: BytePath): BytePath | undefined {
  try {
    return realpathSync.native(bytes(path), { encoding: "buffer" }).toString("latin1");
  } catch {
    return undefined; // as above
  }
}

/** Undefined where it names no entry of a directory, too. */
function parentOf(path: BytePath): BytePath | undefined {
  return [".", "..", ""].includes(basename(path)) ? undefined : canonical(dirname(path));
}
