// What a call on a path needs: which rights, on which place; nothing where the call would fail without rules, too.

import { type BigIntStats, constants, lstatSync, realpathSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { isPermitted, O_PATH } from "../../../platform/linux/kernel/descriptors.ts";
import { Right } from "../rules/landlock.ts";
import type { BytePath } from "./caller.ts";

const { F_OK, R_OK, W_OK, X_OK, O_CREAT, O_EXCL, O_TRUNC, O_DIRECTORY, O_NOFOLLOW, O_WRONLY, O_RDWR } = constants;
const { S_IFMT, S_IFREG, S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK } = constants;
const O_ACCMODE = 0o3;
const O_TMPFILE = 0o20000000 | O_DIRECTORY;

/** By the kind of a file, as mknod(2) has it. */
const makingOf: Readonly<Record<number, number>> = {
  0: Right.makeFile,
  [S_IFREG]: Right.makeFile,
  [S_IFCHR]: Right.makeCharacterDevice,
  [S_IFBLK]: Right.makeBlockDevice,
  [S_IFIFO]: Right.makeFifo,
  [S_IFSOCK]: Right.makeSocket,
};

/** Their drivers know no ioctl(2): who asks whether one is a terminal hears ENOTTY. */
const uncontrolled = ["/dev/null", "/dev/zero", "/dev/full"];
/**
 * What Landlock lets pass on every device, as the system answers it and no driver (LANDLOCK_ACCESS_FS_IOCTL_DEV): FIGETBSZ,
 * FIONBIO, FIONCLEX, FIOCLEX, FIOASYNC, FIOQSIZE; FICLONERANGE, FICLONE, FIFREEZE, FITHAW, FIDEDUPERANGE, FS_IOC_FIEMAP;
 * FS_IOC_GETFSUUID, FS_IOC_GETFSSYSFSPATH.
 */
const answeredBySystem = [
  ...[0x2, 0x5421, 0x5450, 0x5451, 0x5452, 0x5460],
  ...[0x4020940d, 0x40049409, 0xc0045877, 0xc0045878, 0xc0189436, 0xc020660b],
  ...[0x80111500, 0x80811501],
];

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

/** @param path where a program lies */
export function executing(path: BytePath): Need[] {
  const found = existing(path, true);
  if (found === undefined || found.isDirectory || !isAllowed(found.place, X_OK)) return [];
  return [{ ...found, rights: Right.execute, access: "execute", subject: found.place }];
}

/** @param descriptor the link to what is open (/proc/PID/fd) @param place what that says */
export function executingOpen(descriptor: BytePath, place: BytePath): Need[] {
  const status = statusOf(descriptor, true);
  if (status?.isFile() !== true || !isAllowed(descriptor, X_OK)) return [];
  // What has no name has no rule.
  if (canonical(place) === undefined)
    return [{ place, isDirectory: false, rights: 0, access: "execute", subject: place }];
  return executing(place);
}

/** Of what is not there yet. */
export function making(path: BytePath, rights: number, access: string): Need[] {
  const parent = parentOf(path);
  if (parent === undefined || statusOf(path, false) !== undefined) return [];
  return within(parent, entryOf(parent, path), rights, access);
}

/** @param device its number, of a device */
export function makingNode(path: BytePath, mode: number, device: number): Need[] {
  const kind = mode & S_IFMT;
  const right = makingOf[kind];
  const isDevice = right === Right.makeCharacterDevice || right === Right.makeBlockDevice;
  const isWhiteout = kind === S_IFCHR && device === 0; // anybody may make it (mknod(2))
  if (right === undefined || (isDevice && !isWhiteout && process.geteuid?.() !== 0)) return [];
  return making(path, right, "create");
}

export function removing(path: BytePath, isDirectory: boolean, rights = 0, access = "remove"): Need[] {
  const parent = parentOf(path);
  const status = statusOf(path, false);
  if (parent === undefined || status === undefined || status.isDirectory() !== isDirectory) return [];
  const right = isDirectory ? Right.removeDirectory : Right.removeFile;
  return within(parent, entryOf(parent, path), right | rights, access);
}

export function renaming(from: BytePath, to: BytePath): Need[] {
  const status = statusOf(from, false);
  if (status === undefined) return [];
  const [parent, target] = [parentOf(from), parentOf(to)];
  if (parent === undefined || target === undefined) return [];
  const moves = parent === target ? 0 : Right.refer;
  return [
    ...removing(from, status.isDirectory(), moves, "rename"),
    ...within(target, entryOf(target, to), makes(status) | moves, "create"),
  ];
}

export function linking(from: BytePath, to: BytePath): Need[] {
  const status = statusOf(from, false);
  const [parent, target] = [parentOf(from), parentOf(to)];
  if (status === undefined || status.isDirectory()) return [];
  return making(to, makes(status) | (parent === target ? 0 : Right.refer), "create");
}

/** By ioctl(2), what is open. @param place where it is */
export function controlling(place: BytePath, request: number): Need[] {
  if (uncontrolled.includes(place) || answeredBySystem.includes(request >>> 0)) return [];
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
  const place = follows ? canonical(path) : parent === undefined ? undefined : entryOf(parent, path);
  return status === undefined || place === undefined ? undefined : { place, isDirectory: status.isDirectory(), status };
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

function entryOf(directory: BytePath, path: BytePath): BytePath {
  return `${directory === "/" ? "" : directory}/${basename(path)}`;
}

/** Undefined where it names no entry of a directory, too. */
function parentOf(path: BytePath): BytePath | undefined {
  return [".", "..", ""].includes(basename(path)) ? undefined : canonical(dirname(path));
}
