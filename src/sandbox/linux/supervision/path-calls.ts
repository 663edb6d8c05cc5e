// What the system calls on paths ask for, by their arguments.

import { isWithin } from "../../../base/paths.ts";
import type { Notification } from "../../../platform/linux/kernel/notifications.ts";
import { processOf } from "../../../platform/linux/processes/other-process.ts";
import type { FileCall, PathCall } from "../rules/filter.ts";
import { Right } from "../rules/landlock.ts";
import type { SystemCall } from "../rules/system-calls.ts";
import { type BytePath, type Caller, WORKING_DIRECTORY } from "./caller.ts";
import type { Need } from "./needs.ts";
import * as needs from "./needs.ts";

const { O_CREAT, O_WRONLY, O_TRUNC } = { O_CREAT: 0o100, O_WRONLY: 1, O_TRUNC: 0o1000 }; // creat(2)
const SYMLINK_NOFOLLOW = 0x100;
const REMOVE_DIRECTORY = 0x200;
const EMPTY_PATH = 0x1000;
const HOW_BYTES = 8; // of struct open_how: the flags

/** A call as it waits. */
interface Asked {
  readonly caller: Caller;
  readonly given: Notification;
}

type Reading = (asked: Asked) => Need[];

/** Where a path of the caller is: absolute, with its links. @param directory which argument; undefined: the working directory */
export function pathAt({ caller, given }: Asked, path: number, directory?: number): BytePath {
  const text = caller.path(given.address(path));
  if (text === "") return "";
  const absolute = text.startsWith("/")
    ? text
    : `${caller.directory(directory === undefined ? WORKING_DIRECTORY : given.integer(directory))}/${text}`;
  return asSeenThere(absolute, caller.thread);
}

/** What the system calls a process by itself is another one here, wherever a link says it: /proc/mounts is one. */
function asSeenThere(path: BytePath, thread: number): BytePath {
  const plain = path.replaceAll(/\/+(?:\.\/+)*/g, "/");
  const descriptor = /^\/dev\/(?:fd(?=\/|$)|std(in|out|err)$)/.exec(plain);
  const direct = descriptor === null ? plain : plain.replace(descriptor[0], `/proc/self/fd${numberOf(descriptor[1])}`);
  const [self = ""] = /^\/proc\/(thread-)?self(?=\/|$)/.exec(direct) ?? [];
  if (self === "") return here(plain) ? plain : inTheirs(plain, thread);
  const task = self === "/proc/self" ? "" : `/task/${thread}`;
  return `/proc/${processOf(thread)}${task}${direct.slice(self.length)}`;
}

const numberOf = (stream: string | undefined) =>
  stream === undefined ? "" : `/${["in", "out", "err"].indexOf(stream)}`;

const own = `/proc/${process.pid}`;
const here = (path: BytePath) => isWithin(path, own);

/** The same, and where a link leads to this process, that one. */
function inTheirs(path: BytePath, thread: number): BytePath {
  const found = needs.canonical(path);
  return found === undefined || !here(found) ? path : `/proc/${processOf(thread)}${found.slice(own.length)}`;
}

const open =
  (path: number, flags: number, directory?: number): Reading =>
  (asked) =>
    needs.opening(pathAt(asked, path, directory), asked.given.integer(flags));

/** By the name of the call; the numbers are those of its arguments. */
export const pathCalls: Readonly<Partial<Record<SystemCall, Reading>>> = {
  open: open(0, 1),
  openat: open(1, 2, 0),
  openat2: (asked) => {
    const how = asked.caller.bytes(asked.given.address(2), HOW_BYTES);
    return needs.opening(pathAt(asked, 1, 0), how.readInt32LE(0));
  },
  creat: (asked) => needs.opening(pathAt(asked, 0), O_CREAT | O_WRONLY | O_TRUNC),
  truncate: (asked) => needs.cuttingOff(pathAt(asked, 0)),
  execve: (asked) => needs.executing(pathAt(asked, 0)),
  execveat: (asked) => (isOfOpenFile(asked, 1, 4) ? executeOpen(asked) : needs.executing(pathAt(asked, 1, 0))),
  mkdir: (asked) => needs.making(unslashed(pathAt(asked, 0)), Right.makeDirectory, "create"),
  mkdirat: (asked) => needs.making(unslashed(pathAt(asked, 1, 0)), Right.makeDirectory, "create"),
  mknod: (asked) => needs.makingNode(pathAt(asked, 0), asked.given.integer(1), asked.given.integer(2)),
  mknodat: (asked) => needs.makingNode(pathAt(asked, 1, 0), asked.given.integer(2), asked.given.integer(3)),
  symlink: (asked) => needs.making(pathAt(asked, 1), Right.makeLink, "create"),
  symlinkat: (asked) => needs.making(pathAt(asked, 2, 1), Right.makeLink, "create"),
  link: (asked) => needs.linking(pathAt(asked, 0), pathAt(asked, 1)),
  linkat: (asked) => needs.linking(pathAt(asked, 1, 0), pathAt(asked, 3, 2)),
  unlink: (asked) => needs.removing(pathAt(asked, 0), false),
  unlinkat: (asked) =>
    needs.removing(unslashed(pathAt(asked, 1, 0)), (asked.given.integer(2) & REMOVE_DIRECTORY) !== 0),
  rmdir: (asked) => needs.removing(unslashed(pathAt(asked, 0)), true),
  rename: (asked) => needs.renaming(unslashed(pathAt(asked, 0)), unslashed(pathAt(asked, 1))),
  renameat: (asked) => needs.renaming(unslashed(pathAt(asked, 1, 0)), unslashed(pathAt(asked, 3, 2))),
  renameat2: (asked) => needs.renaming(unslashed(pathAt(asked, 1, 0)), unslashed(pathAt(asked, 3, 2))),
  ioctl: ({ caller, given }) => needs.controlling(caller.directory(given.integer(0)), given.integer(1)),
} satisfies Record<PathCall, Reading>;

/** Those on modes and times, which dlrpc has refused itself; owners are nobody's to change. */
export const changes: Readonly<Partial<Record<SystemCall, Reading>>> = {
  chmod: (asked) => needs.changing(pathAt(asked, 0), true),
  fchmod: openFile,
  fchmodat: (asked) => needs.changing(pathAt(asked, 1, 0), true),
  fchmodat2: changedAt,
  utime: (asked) => needs.changing(pathAt(asked, 0), true),
  utimes: (asked) => needs.changing(pathAt(asked, 0), true),
  futimesat: changedAt,
  utimensat: changedAt,
} satisfies Partial<Record<FileCall, Reading>>;

/** Whether an empty path stands for the descriptor itself. @param flags which argument */
function isOfOpenFile({ caller, given }: Asked, path: number, flags: number): boolean {
  return (given.integer(flags) & EMPTY_PATH) !== 0 && caller.path(given.address(path)) === "";
}

/** As fexecve(3) does. */
function executeOpen({ caller, given }: Asked): Need[] {
  const descriptor = given.integer(0);
  return needs.executingOpen(`/proc/${caller.thread}/fd/${descriptor}`, caller.directory(descriptor));
}

function openFile({ caller, given }: Asked): Need[] {
  return needs.changing(caller.directory(given.integer(0)), true);
}

function changedAt(asked: Asked): Need[] {
  if (asked.given.address(1) === 0 || isOfOpenFile(asked, 1, 3)) return openFile(asked);
  return needs.changing(pathAt(asked, 1, 0), (asked.given.integer(3) & SYMLINK_NOFOLLOW) === 0);
}

/** Of a directory, a name may end so. */
function unslashed(path: BytePath): BytePath {
  return path.replace(/(?<=.)\/+$/, "");
}
