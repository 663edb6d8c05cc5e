// Which system calls a confined process may make: all but those that reach out of it (S4).

import {
  allow,
  architecture,
  argument,
  ask,
  askingFor,
  assemble,
  bits,
  fail,
  ifAnyBit,
  ifAtLeast,
  ifEqual,
  ifOneOf,
  ifWithin,
  kill,
  number,
  type Part,
  unlessEqual,
  upperHalf,
} from "./bpf.ts";
import { architectures, COMMON_CALLS, type SystemCall } from "./system-calls.ts";

const EPERM = 1;
const ENOSYS = 38;
const EOPNOTSUPP = 95;
const ECONNREFUSED = 111;
const refused = fail(EPERM);
const nobodyListens = fail(ECONNREFUSED);
const unknown = fail(ENOSYS); // programs know what to do without it
const unsupported = fail(EOPNOTSUPP);

/** What each is refused for; the comments say what it could be used for. */
const alwaysRefused: readonly SystemCall[] = [
  // reading and steering other processes
  ...(["ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease", "kcmp"] as const),
  ...(["pidfd_getfd", "pidfd_send_signal", "perf_event_open", "move_pages", "migrate_pages"] as const),
  // the kernel itself
  ...(["bpf", "userfaultfd", "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load"] as const),
  ...(["reboot", "swapon", "swapoff", "acct", "quotactl", "quotactl_fd", "sethostname", "setdomainname"] as const),
  ...(["settimeofday", "clock_settime", "adjtimex", "clock_adjtime", "iopl", "ioperm", "syslog", "vhangup"] as const),
  ...(["modify_ldt", "uselib", "personality", "lookup_dcookie"] as const),
  // other views of the file system, in which no rule on files holds
  ...(["mount", "umount2", "pivot_root", "chroot", "setns", "unshare", "open_tree", "open_tree_attr"] as const),
  ...(["move_mount", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr"] as const),
  ...(["fanotify_init", "name_to_handle_at", "open_by_handle_at"] as const),
  // what is written beside a file's content, which Landlock does not know
  "file_setattr",
  // what outlives the process, or is shared with all of the user's
  ...(["add_key", "request_key", "keyctl", "mq_open", "mq_unlink", "shmget", "shmat", "shmctl"] as const),
  ...(["msgget", "msgsnd", "msgrcv", "msgctl", "semget", "semop", "semtimedop", "semctl"] as const),
  // out of the process group that is ended with it
  ...(["setsid", "setpgid"] as const),
  "setrlimit",
];

/** Also beside a file's content; who copies files goes on where it hears that the file system has none of these. */
const onExtendedAttributes: readonly SystemCall[] = [
  ...(["setxattr", "lsetxattr", "fsetxattr", "setxattrat"] as const),
  ...(["removexattr", "lremovexattr", "fremovexattr", "removexattrat"] as const),
];

/** What another call does as well, or did before; its arguments lie in memory, where no filter can look. */
const saidToBeMissing: readonly SystemCall[] = [
  ...(["io_uring_setup", "io_uring_enter", "io_uring_register", "clone3"] as const),
  // there are so many contexts for the whole machine (fs.aio-max-nr)
  ...(["io_setup", "io_destroy", "io_submit", "io_cancel", "io_getevents", "io_pgetevents"] as const),
];

/** They tell the names of files in directories that must not be listed. */
const onNames: readonly SystemCall[] = ["inotify_init", "inotify_init1", "inotify_add_watch"];

/** Modes, owners and times of files. */
const onAttributes = [
  ...(["chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat"] as const),
  ...(["utime", "utimes", "futimesat", "utimensat"] as const),
] as const;
/** The thread is in the first argument. */
const onThreads = ["sched_setscheduler", "sched_setparam", "sched_setattr", "sched_setaffinity"] as const;
/** A kind is in the first argument, and which one of it in the second. */
const onKinds = ["setpriority", "ioprio_set"] as const;
const PRIO_PROCESS = 0;
const IOPRIO_WHO_PROCESS = 1;

/** What dlrpc judges where it supervises, and what else is refused. */
export type FileCall = (typeof onAttributes)[number];
export type ThreadCall = (typeof onThreads | typeof onKinds)[number];

const onlyOneself = ifEqual(0, allow, refused);
const signals: readonly SystemCall[] = ["kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"];

const PR_SET_PDEATHSIG = 1;
const PR_SET_CHILD_SUBREAPER = 36;
const PR_SET_PTRACER = 0x59616d61;

/**
 * F_SETOWN, F_SETSIG, F_SETOWN_EX send signals to others, F_SETLEASE keeps others waiting, and F_SETPIPE_SZ takes of the
 * memory that pipes of all of the user's processes have together.
 */
const controlsOfFiles = [8, 10, 15, 1024, 1031];

/** TIOCSTI, TIOCLINUX, TIOCSCTTY type for the user; FIOSETOWN, SIOCSPGRP send signals. */
const controlsOfTerminals = [0x5412, 0x541c, 0x540e, 0x8901, 0x8902];
/** FS_IOC_SETFLAGS, FSSETXATTR, SETVERSION, ENABLE_VERITY, SET_ENCRYPTION_POLICY change files that are merely readable. */
const controlsOfContent = [0x40086602, 0x401c5820, 0x40087602, 0x40806685, 0x800c6613];

const CLONE_THREAD = 0x00010000;
/** CLONE_NEWNS … CLONE_NEWNET, CLONE_NEWTIME; and CLONE_PARENT, by which it would be nobody's descendant. */
const CLONE_ELSEWHERE = 0x7e020080 | 0x8000;
const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_SEQPACKET = 5;
const SOCK_TYPE = 0xf;
const O_ACCMODE = 0o3;
const O_TRUNC = 0o1000;

export interface FilterOptions {
  readonly network: boolean;
  readonly exec: boolean;
  readonly gpu: boolean;
  /** Whether it may read, and so list, everything. */
  readonly readsEverything: boolean;
  /** The process that may be sent signals: itself. */
  readonly pid: number;
  /** Whether Landlock keeps signals inside, which then may go to every process that this one starts. */
  readonly signalsAreScoped: boolean;
  /** Whether Landlock keeps what may not be written from being cut off. */
  readonly truncationIsRuled: boolean;
  /** Whether dlrpc judges what the filter for that asks about. */
  readonly isSupervised: boolean;
}

/** Stands for the process itself until its number is known: no other value that a filter looks at is like it. */
const ITSELF = 0x7ffffff1;

/** To put one together takes a while, and there are few. */
const filters = new Map<string, Uint32Array>();

/** @returns instructions of classic BPF (struct sock_filter) @throws Error where this architecture's system calls are not known */
export function systemCallFilter({ pid, ...options }: FilterOptions): Buffer {
  const name = JSON.stringify(options);
  let filter = filters.get(name);
  if (filter === undefined) {
    // Whatever comes in another architecture's form is an attack; a number that nobody has judged does not exist.
    filter = judging(rules(options), kill, unknown);
    filters.set(name, filter);
  }
  return withNumber(filter, pid);
}

function withNumber(filter: Uint32Array, pid: number): Buffer {
  const words = filter.map((value, i) => (value === ITSELF && i % 2 === 1 ? pid : value));
  return Buffer.from(words.buffer);
}

/** What may be forbidden by rules on files, which no filter knows. */
const onPaths = [
  ...(["open", "openat", "openat2", "creat", "truncate", "execve", "execveat", "ioctl"] as const),
  ...(["mkdir", "mkdirat", "mknod", "mknodat", "symlink", "symlinkat", "link", "linkat"] as const),
  ...(["unlink", "unlinkat", "rmdir", "rename", "renameat", "renameat2"] as const),
] as const;

/** What dlrpc looks at where it explains. */
export type PathCall = (typeof onPaths)[number];

/**
 * Asks dlrpc about all that is refused, be it by the filter of the same options or by a rule on files. Beside it belongs the
 * one that `unaskedFilter` makes.
 */
export function explainingFilter({ pid, ...options }: Omit<FilterOptions, "isSupervised">): Buffer {
  const program = judging([...each(onPaths, ask), ...rules({ ...options, isSupervised: false })], allow, allow);
  return withNumber(askingFor(program, ENOSYS), pid);
}

/** Judges what no filter that asks may let pass: another architecture's form, and numbers that nobody has judged. */
export function unaskedFilter(): Buffer {
  return Buffer.from(judging([], kill, unknown).buffer);
}

/** Asks dlrpc about each supervised call, and lets all else pass: it comes beside the one that judges that. */
export function supervisedFilter(): Buffer {
  asking ??= Buffer.from(judging(supervised(ask), allow, allow).buffer);
  return asking;
}

let asking: Buffer | undefined;

/** @param judged what comes of them; a thread's own scheduling is its own business */
function supervised(judged: Part): Rule[] {
  const unlessOneself = ifEqual(0, allow, judged);
  const ofKind = (kind: number): Part => [
    ...argument(0),
    ...ifEqual(kind, [...argument(1), ...unlessOneself], refused),
  ];
  return [
    ...each(onAttributes, judged),
    ...each(onThreads, [...argument(0), ...unlessOneself]),
    ["setpriority", ofKind(PRIO_PROCESS)],
    ["ioprio_set", ofKind(IOPRIO_WHO_PROCESS)],
  ];
}

type Rule = readonly [SystemCall, Part];

const each = (names: readonly SystemCall[], part: Part): Rule[] => names.map((name) => [name, part]);

function rules(options: Omit<FilterOptions, "pid">): Rule[] {
  const { network, exec, gpu, readsEverything, signalsAreScoped, truncationIsRuled, isSupervised } = options;
  const processes: Rule[] = exec
    ? [["clone", [...argument(0), ...ifAnyBit(CLONE_ELSEWHERE, refused, allow)]]]
    : [
        ["clone", [...argument(0), ...ifAnyBit(CLONE_THREAD, allow, refused)]],
        ...each(["fork", "vfork", "execve", "execveat"], refused),
      ];
  const signalRules: Rule[] =
    exec && signalsAreScoped ? [] : each(signals, [...argument(0), ...ifEqual(ITSELF, allow, refused)]);
  return [
    ...each(alwaysRefused, refused),
    ...each(onExtendedAttributes, unsupported),
    ...each(saidToBeMissing, unknown),
    ...(readsEverything ? [] : each(onNames, refused)),
    ...processes,
    ...signalRules,
    ...(signalsAreScoped ? [] : each(["tkill"], refused)),
    ...(isSupervised ? [] : supervised(refused)),
    ["prlimit64", [...argument(2), ...ifEqual(0, [...upperHalf(2), ...onlyOneself], refused)]],
    ["prctl", [...argument(0), ...ifOneOf([PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER, PR_SET_PTRACER], refused, allow)]],
    ["fcntl", [...argument(1), ...ifOneOf(controlsOfFiles, refused, allow)]],
    ["ioctl", [...argument(1), ...ifOneOf([...controlsOfTerminals, ...controlsOfContent], refused, allow)]],
    ["socket", sockets(network, gpu)],
    ...(gpu && !network ? each(["connect"], nobodyListens) : []),
    ["socketpair", boundPairs()],
    ...(truncationIsRuled ? [] : truncation()),
  ];
}

/**
 * TCP, UDP and what else goes through the internet; no way to other processes and to the kernel. NVIDIA's driver waits at a
 * socket of its own for processes that would share a card: it may, and finds nobody at others.
 */
function sockets(network: boolean, gpu: boolean): Part {
  const ofKind = (kinds: readonly number[]) => [...argument(1), ...bits(SOCK_TYPE), ...ifOneOf(kinds, allow, refused)];
  const internet = ifOneOf([AF_INET, AF_INET6], network ? ofKind([SOCK_STREAM, SOCK_DGRAM]) : refused, refused);
  return [...argument(0), ...ifEqual(AF_UNIX, gpu ? ofKind([SOCK_SEQPACKET]) : refused, internet)];
}

/** Only pairs that stay one: half a pair for datagrams can send to any socket of the machine. */
function boundPairs(): Part {
  const kinds = ifOneOf([SOCK_STREAM, SOCK_SEQPACKET], allow, refused);
  return [...argument(0), ...ifEqual(AF_UNIX, [...argument(1), ...bits(SOCK_TYPE), ...kinds], refused)];
}

/** What cuts a file off that was not opened for writing. */
function truncation(): Rule[] {
  const cutsWhatItReads = (index: number): Part => [
    ...argument(index),
    ...ifAnyBit(O_TRUNC, [...bits(O_ACCMODE), ...ifEqual(0, refused, allow)], allow),
  ];
  return [
    ["truncate", refused],
    ["open", cutsWhatItReads(1)],
    ["openat", cutsWhatItReads(2)],
    ["openat2", unknown],
  ];
}

/** @param foreign what comes of whatever comes in another architecture's form @param newer and of numbers that nobody has judged */
function judging(rules: readonly Rule[], foreign: Part, newer: Part): Uint32Array {
  const known = architectures[process.arch];
  if (known === undefined) throw new Error(`seccomp: the system calls of ${process.arch} are not known to dlrpc`);
  const judged = rules.reduceRight<Part>((rest, [name, part]) => {
    const number = known.numbers[name];
    return number === undefined ? rest : ifEqual(number, part, rest);
  }, allow);
  const older = ifWithin(known.endOfOwn, COMMON_CALLS.first, newer, judged);
  const byNumber = [...number(), ...ifAtLeast(COMMON_CALLS.end, newer, older)];
  return assemble([...architecture(), ...unlessEqual(known.audit, foreign, byNumber)]);
}
