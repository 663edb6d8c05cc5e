// The system calls that change a file's mode, owner or times: what each of them asks for, and doing it. None of them
// sets the setuid, setgid or sticky bit, or gives a file to somebody else.

import { chmodSync } from "node:fs";
import { pathOf } from "../../../platform/linux/files/nameless-file.ts";
import { setTimes } from "../../../platform/linux/kernel/file-times.ts";
import type { Notification } from "../../../platform/linux/kernel/notifications.ts";
import type { FileCall } from "../rules/filter.ts";
import type { SystemCall } from "../rules/system-calls.ts";
import { type Caller, WORKING_DIRECTORY } from "./caller.ts";
import { Refused } from "./refused.ts";
import { Target } from "./target.ts";
import type { WritablePlaces } from "./writable-places.ts";

const SYMLINK_NOFOLLOW = 0x100;
const EMPTY_PATH = 0x1000;
const PERMISSIONS = 0o777n;
const SPECIAL_BITS = 0o7000n;
const UNCHANGED = 0xffffffff; // an owner or a group of -1

const TIMES_BYTES = 32; // two of struct timespec or struct timeval, of two int64_t each
const UTIMBUF_BYTES = 16; // two int64_t: seconds
const NANOSECONDS = 1000n;
const MICROSECONDS_A_SECOND = 1_000_000n;

/** A call as it was made: who, with which arguments, and where it may take effect. */
export interface Asked {
  readonly caller: Caller;
  readonly arguments: Notification;
  readonly places: WritablePlaces;
}

/** What a call is about, and what it does to it. All that is read of the caller is read before the change. */
export interface Change {
  readonly target: Target;
  make(): void;
}

/** @throws Refused, CallError or an error of node:fs: the errno that the call fails with */
type Reading = (asked: Asked) => Change;

/** Which arguments are a descriptor, a path, flags: undefined where the call has none. */
interface Operands {
  readonly directory?: number;
  readonly path?: number;
  readonly flags?: number;
  readonly isLinkItself?: boolean;
}

function targetOf({ caller, arguments: given, places }: Asked, at: Operands): Target {
  const directory = at.directory === undefined ? WORKING_DIRECTORY : given.integer(at.directory);
  if (at.path === undefined) return Target.ofDescriptor(caller, directory, places);
  const flags = at.flags === undefined ? 0 : given.integer(at.flags);
  if ((flags & ~(SYMLINK_NOFOLLOW | EMPTY_PATH)) !== 0) throw new Refused("EINVAL");
  const path = caller.path(given.address(at.path));
  if (path === "" && (flags & EMPTY_PATH) !== 0) return Target.itself(caller, directory, places);
  const followsLast = (flags & SYMLINK_NOFOLLOW) === 0 && at.isLinkItself !== true;
  return Target.ofPath(caller, directory, path, places, followsLast);
}

const mode =
  (at: Operands, index: number): Reading =>
  (asked) => {
    const target = targetOf(asked, at);
    return { target, make: () => changeMode(target, BigInt(asked.arguments.integer(index) & 0o7777)) };
  };

/** A directory keeps what it has: by setgid what is made in it belongs to its group. */
function changeMode({ descriptor, status }: Target, wanted: bigint): void {
  if (status.isSymbolicLink()) throw new Refused("EOPNOTSUPP");
  const kept = status.isDirectory() ? status.mode & wanted & SPECIAL_BITS : 0n;
  chmodSync(pathOf(descriptor), Number((wanted & PERMISSIONS) | kept));
}

const owner =
  (at: Operands, index: number): Reading =>
  (asked) => {
    const target = targetOf(asked, at);
    const { uid, gid } = target.status;
    const [user, group] = [asked.arguments.integer(index) >>> 0, asked.arguments.integer(index + 1) >>> 0];
    const isSame = [UNCHANGED, Number(uid)].includes(user) && [UNCHANGED, Number(gid)].includes(group);
    return {
      target,
      make() {
        if (!isSame) throw new Refused("EPERM");
      },
    };
  };

/** @param read makes two of struct timespec of what the last argument points to */
const times =
  (at: Operands, index: number, read: (caller: Caller, address: number) => Buffer): Reading =>
  (asked) => {
    const address = asked.arguments.address(index);
    const wanted = address === 0 ? null : read(asked.caller, address);
    const target = isWithoutPath(asked, at)
      ? targetOf(asked, { directory: at.directory as number })
      : targetOf(asked, at);
    return { target, make: () => setTimes(target.descriptor, wanted) };
  };

/** futimens(3) is utimensat(2) on a descriptor without a path. */
function isWithoutPath({ arguments: given }: Asked, { directory, path, flags }: Operands): boolean {
  if (directory === undefined || given.address(path as number) !== 0) return false;
  if (given.integer(directory) === WORKING_DIRECTORY) return false;
  if (flags !== undefined && given.integer(flags) !== 0) throw new Refused("EINVAL");
  return true;
}

const timespecs = (caller: Caller, address: number) => caller.bytes(address, TIMES_BYTES);

function timevals(caller: Caller, address: number): Buffer {
  const bytes = caller.bytes(address, TIMES_BYTES);
  for (const at of [8, 24]) {
    const microseconds = bytes.readBigInt64LE(at);
    if (microseconds < 0n || microseconds >= MICROSECONDS_A_SECOND) throw new Refused("EINVAL");
    bytes.writeBigInt64LE(microseconds * NANOSECONDS, at);
  }
  return bytes;
}

function seconds(caller: Caller, address: number): Buffer {
  const bytes = caller.bytes(address, UTIMBUF_BYTES);
  return Buffer.from(BigInt64Array.of(bytes.readBigInt64LE(0), 0n, bytes.readBigInt64LE(8), 0n).buffer);
}

/** By the name of the call; the numbers are those of its arguments. */
export const fileCalls: Readonly<Partial<Record<SystemCall, Reading>>> = {
  chmod: mode({ path: 0 }, 1),
  fchmod: mode({ directory: 0 }, 1),
  fchmodat: mode({ directory: 0, path: 1 }, 2),
  fchmodat2: mode({ directory: 0, path: 1, flags: 3 }, 2),
  chown: owner({ path: 0 }, 1),
  lchown: owner({ path: 0, isLinkItself: true }, 1),
  fchown: owner({ directory: 0 }, 1),
  fchownat: owner({ directory: 0, path: 1, flags: 4 }, 2),
  utime: times({ path: 0 }, 1, seconds),
  utimes: times({ path: 0 }, 1, timevals),
  futimesat: times({ directory: 0, path: 1 }, 2, timevals),
  utimensat: times({ directory: 0, path: 1, flags: 3 }, 2, timespecs),
} satisfies Record<FileCall, Reading>;
