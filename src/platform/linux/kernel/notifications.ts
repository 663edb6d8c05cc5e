// Owns the wire of seccomp's notifications (seccomp_unotify(2)): which process waits in which system call, and its answer.

import { errno } from "../../../ffi/ffi.ts";
import { CallError, libc } from "../../../ffi/libc.ts";
import { notificationSizes } from "./seccomp.ts";

/** _IOWR('!', 0, struct seccomp_notif), _IOWR('!', 1, struct seccomp_notif_resp), _IOW('!', 2, uint64_t). */
const RECEIVE = 0xc0502100;
const SEND = 0xc0182101;
const ID_VALID = 0x40082102;
const CONTINUE = 1; // SECCOMP_USER_NOTIF_FLAG_CONTINUE

/** Of struct seccomp_notif: u64 id, u32 pid, u32 flags, and struct seccomp_data: int nr, u32 arch, u64 ip, u64 args[6]. */
const PID_OFFSET = 8;
const DATA_OFFSET = 16;
const NUMBER_OFFSET = 16;
const ARGUMENTS_OFFSET = 32;
/** Of struct seccomp_notif_resp: u64 id, s64 val, s32 error, u32 flags. */
const ERROR_OFFSET = 16;
const FLAGS_OFFSET = 20;

const POLLIN = 0x1;
const POLLHUP = 0x10;
const ENOENT = 2;
const EINTR = 4;

const ioctl = libc("ioctl", "int", ["int", "uintptr_t", "void *"]);
const poll = libc("poll", "int", ["void *", "uintptr_t", "int"]);

/** A thread waits in a system call. Its arguments are copies: what they point to can change. */
export interface Notification {
  readonly id: bigint;
  /** The thread. */
  readonly thread: number;
  /** Which call, as the architecture numbers it. */
  readonly call: number;
  /** What a filter is shown of it (struct seccomp_data). */
  readonly data: Buffer;
  /** An argument as an int. */
  integer(index: number): number;
  /** An argument as an address, 0 for NULL. */
  address(index: number): number;
}

/** What a listener has to tell now. */
export type News = "something" | "nothing" | "never again";

export class NotificationListener {
  private readonly descriptor: number;
  private readonly question: Buffer;
  private readonly answer: Buffer;
  private readonly events = Buffer.alloc(8); // struct pollfd: int fd, short events, short revents

  /** @throws Error where the system does not say how long its structures are */
  constructor(descriptor: number) {
    this.descriptor = descriptor;
    const { question, answer } = notificationSizes();
    this.question = Buffer.alloc(question);
    this.answer = Buffer.alloc(answer);
    this.events.writeInt32LE(descriptor, 0);
    this.events.writeInt16LE(POLLIN, 4);
  }

  /** To be asked before each `receive`, which would wait. "never again": all who could call have ended. */
  news(): News {
    poll(this.events, 1, 0);
    const happened = this.events.readInt16LE(6);
    return happened & POLLIN ? "something" : happened & POLLHUP ? "never again" : "nothing";
  }

  /** @returns undefined where who had called has ended meanwhile @throws CallError */
  receive(): Notification | undefined {
    const bytes = this.question.fill(0);
    if (!this.control(RECEIVE, bytes)) return undefined;
    const copy = Buffer.from(bytes);
    return {
      id: copy.readBigUInt64LE(0),
      thread: copy.readUInt32LE(PID_OFFSET),
      call: copy.readInt32LE(NUMBER_OFFSET),
      data: copy.subarray(DATA_OFFSET),
      integer: (index) => copy.readInt32LE(ARGUMENTS_OFFSET + 8 * index),
      address: (index) => Number(copy.readBigUInt64LE(ARGUMENTS_OFFSET + 8 * index)),
    };
  }

  /** Whether it still waits. What was learnt by the thread's number before is then known to be that thread's. */
  isWaiting({ id }: Notification): boolean {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(id);
    return this.control(ID_VALID, bytes);
  }

  /** Ends the call without the system carrying it out. @param error 0, or an errno @throws CallError */
  end(notification: Notification, error: number): void {
    this.send(notification, error, 0);
  }

  /** Has the system carry the call out: only for one that is refused by nobody here whatever its pointers point to. @throws CallError */
  letGoOn(notification: Notification): void {
    this.send(notification, 0, CONTINUE);
  }

  private send({ id }: Notification, error: number, flags: number): void {
    const bytes = this.answer.fill(0);
    bytes.writeBigUInt64LE(id, 0);
    bytes.writeInt32LE(-error, ERROR_OFFSET);
    bytes.writeUInt32LE(flags, FLAGS_OFFSET);
    this.control(SEND, bytes);
  }

  /** @returns false where who had called has ended, or a signal has taken it out of its call @throws CallError */
  private control(request: number, bytes: Buffer): boolean {
    for (;;) {
      if (ioctl(this.descriptor, request, bytes) !== -1) return true;
      const error = errno();
      if (error === ENOENT) return false;
      if (error !== EINTR) throw new CallError("ioctl of a seccomp listener", error);
    }
  }
}
