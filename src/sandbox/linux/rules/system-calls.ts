// The numbers of the system calls that a filter speaks of (asm/unistd.h); a test compares them with the system's own.

/** On x86-64 and on arm64, which has fewer: the old forms of many calls were left out when it came. */
const ofEach = {
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  kcmp: [312, 272],
  perf_event_open: [298, 241],
  lookup_dcookie: [212, 18],
  move_pages: [279, 239],
  migrate_pages: [256, 238],
  userfaultfd: [323, 282],
  bpf: [321, 280],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  reboot: [169, 142],
  swapon: [167, 224],
  swapoff: [168, 225],
  acct: [163, 89],
  quotactl: [179, 60],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  adjtimex: [159, 171],
  clock_adjtime: [305, 266],
  iopl: [172],
  ioperm: [173],
  syslog: [103, 116],
  vhangup: [153, 58],
  modify_ldt: [154],
  uselib: [134],
  personality: [135, 92],
  fanotify_init: [300, 262],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  setns: [308, 268],
  unshare: [272, 97],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  chmod: [90],
  fchmod: [91, 52],
  fchmodat: [268, 53],
  chown: [92],
  fchown: [93, 55],
  lchown: [94],
  fchownat: [260, 54],
  utime: [132],
  utimes: [235],
  futimesat: [261],
  utimensat: [280, 88],
  setxattr: [188, 5],
  lsetxattr: [189, 6],
  fsetxattr: [190, 7],
  removexattr: [197, 14],
  lremovexattr: [198, 15],
  fremovexattr: [199, 16],
  shmget: [29, 194],
  shmat: [30, 196],
  shmctl: [31, 195],
  msgget: [68, 186],
  msgsnd: [69, 189],
  msgrcv: [70, 188],
  msgctl: [71, 187],
  semget: [64, 190],
  semop: [65, 193],
  semtimedop: [220, 192],
  semctl: [66, 191],
  mq_open: [240, 180],
  mq_unlink: [241, 181],
  io_setup: [206, 0],
  io_destroy: [207, 1],
  io_submit: [209, 2],
  io_cancel: [210, 3],
  io_getevents: [208, 4],
  io_pgetevents: [333, 292],
  inotify_init: [253],
  inotify_init1: [294, 26],
  inotify_add_watch: [254, 27],
  fork: [57],
  vfork: [58],
  clone: [56, 220],
  execve: [59, 221],
  execveat: [322, 281],
  setsid: [112, 157],
  setpgid: [109, 154],
  setpriority: [141, 140],
  ioprio_set: [251, 30],
  sched_setscheduler: [144, 119],
  sched_setparam: [142, 118],
  sched_setattr: [314, 274],
  sched_setaffinity: [203, 122],
  kill: [62, 129],
  tkill: [200, 130],
  tgkill: [234, 131],
  rt_sigqueueinfo: [129, 138],
  rt_tgsigqueueinfo: [297, 240],
  prlimit64: [302, 261],
  setrlimit: [160, 164],
  prctl: [157, 167],
  fcntl: [72, 25],
  ioctl: [16, 29],
  socket: [41, 198],
  socketpair: [53, 199],
  connect: [42, 203],
  open: [2],
  openat: [257, 56],
  truncate: [76, 45],
  creat: [85],
  mkdir: [83],
  mkdirat: [258, 34],
  mknod: [133],
  mknodat: [259, 33],
  unlink: [87],
  unlinkat: [263, 35],
  rmdir: [84],
  rename: [82],
  renameat: [264, 38],
  renameat2: [316, 276],
  link: [86],
  linkat: [265, 37],
  symlink: [88],
  symlinkat: [266, 36],
} as const;

/** Since Linux 5.1 a new call has the same number on every architecture. */
const everywhere = {
  pidfd_send_signal: 424,
  io_uring_setup: 425,
  io_uring_enter: 426,
  io_uring_register: 427,
  open_tree: 428,
  move_mount: 429,
  fsopen: 430,
  fsconfig: 431,
  fsmount: 432,
  fspick: 433,
  clone3: 435,
  openat2: 437,
  pidfd_getfd: 438,
  process_madvise: 440,
  mount_setattr: 442,
  quotactl_fd: 443,
  process_mrelease: 448,
  fchmodat2: 452,
  setxattrat: 463,
  removexattrat: 466,
  open_tree_attr: 467,
  file_setattr: 469,
} as const;

export type SystemCall = keyof typeof ofEach | keyof typeof everywhere;

/** The last kernel whose system calls were all looked at: each of them is in the filter's rules, or allowed for a reason. */
export const LAST_JUDGED_KERNEL = "6.18";
/** New calls of it and of earlier kernels, on every architecture. */
export const COMMON_CALLS = { first: 424, end: 470 };

export class Architecture {
  /** As a filter is told it (AUDIT_ARCH_*, linux/audit.h). */
  readonly audit: number;
  /** Its own calls, of which the first is 0, end there; what is between them and the common ones came after that kernel. */
  readonly endOfOwn: number;
  private readonly column: 0 | 1;
  private known: Partial<Record<SystemCall, number>> | undefined;

  constructor(audit: number, endOfOwn: number, column: 0 | 1) {
    this.audit = audit;
    this.endOfOwn = endOfOwn;
    this.column = column;
  }

  /** Of those that it has; made when it is needed, which is not at the start. */
  get numbers(): Readonly<Partial<Record<SystemCall, number>>> {
    if (this.known !== undefined) return this.known;
    const numbers: Partial<Record<SystemCall, number>> = { ...everywhere };
    for (const [name, columns] of Object.entries<readonly number[]>(ofEach)) {
      const number = columns[this.column];
      if (number !== undefined) numbers[name as SystemCall] = number;
    }
    this.known = numbers;
    return numbers;
  }
}

export const architectures: Readonly<Record<string, Architecture>> = {
  x64: new Architecture(0xc000003e, 337, 0),
  arm64: new Architecture(0xc00000b7, 295, 1),
};
