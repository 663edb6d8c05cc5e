// Owns waiting for descriptors. The event loop tells when one is ready. From then on, while more is expected at once and
// nothing else is under way, the reactor waits itself, for its own descriptors and for all that the loop waits for: that
// costs a fraction of a turn of the loop.

import { eventLoop } from "./event-loop.ts";
import { pollDescriptor } from "./ffi.ts";
import { libc } from "./libc.ts";
import { Region } from "./region.ts";

const POLLIN = 0x1;
const POLLOUT = 0x4;
const ENTRY_BYTES = 8; // struct pollfd: int fd, short events, short revents

/** How long the event loop may have to wait while there is always more to do here. */
const LONGEST_TURN_MS = 5;

const poll = libc("poll", "int", ["uintptr_t", "size_t", "int"]);

/** Who is told. Both read or write without blocking, as much as they like: what is left is told again. */
export interface Watcher {
  readable(): void;
  writable(): void;
}

/** One descriptor that is waited for. */
export class Watch {
  readonly descriptor: number;
  readonly watcher: Watcher;
  private readonly handle: ReturnType<typeof pollDescriptor>;
  private wanted = 0;

  /** Waits for nothing at first, and keeps no process running. */
  constructor(descriptor: number, watcher: Watcher) {
    this.descriptor = descriptor;
    this.watcher = watcher;
    this.handle = pollDescriptor(descriptor, takeTurn);
    watches.add(this);
  }

  get isOpen(): boolean {
    return watches.has(this);
  }

  get readable(): boolean {
    return (this.wanted & POLLIN) !== 0;
  }

  /** Whether to wait until it can be read. */
  set readable(wanted: boolean) {
    this.want(wanted ? this.wanted | POLLIN : this.wanted & ~POLLIN);
  }

  get writable(): boolean {
    return (this.wanted & POLLOUT) !== 0;
  }

  /** Whether to wait until it can be written. */
  set writable(wanted: boolean) {
    this.want(wanted ? this.wanted | POLLOUT : this.wanted & ~POLLOUT);
  }

  get events(): number {
    return this.wanted;
  }

  /** To be called before the descriptor is closed. */
  close(): void {
    if (!watches.delete(this)) return;
    this.wanted = 0;
    polled = undefined;
    this.handle.close();
  }

  private want(events: number): void {
    if (events === this.wanted) return;
    this.wanted = events;
    polled = undefined;
    this.handle.wait((events & POLLIN) !== 0, (events & POLLOUT) !== 0);
  }
}

const watches = new Set<Watch>();
/** Those that wait for something, as `poll` takes them; undefined where that has changed. */
let polled: readonly Watch[] | undefined;
let region = Region.ofSize(64 * ENTRY_BYTES);
let entries = new Int16Array(region.bytes.buffer, region.bytes.byteOffset, region.bytes.length / 2);
let descriptors = new Int32Array(region.bytes.buffer, region.bytes.byteOffset, region.bytes.length / 4);

let turns = false;
let moreIsExpected = false;
let promisesWait = false;
let underWay = 0;
let closing: (() => void)[] = [];
const loop = eventLoop();

/** Says that something is about to become readable: an answer was asked for, or one was given. */
export function expectMore(): void {
  moreIsExpected = true;
}

/** Says that a promise was settled: the event loop must go on, so that those who wait for it do. */
export function letPromisesRun(): void {
  promisesWait = true;
}

/** Lets the event loop go on by itself until `work` is done: it is made of promises. */
export function goOnUntil<T>(work: Promise<T>): Promise<T> {
  underWay++;
  const done = () => {
    underWay--;
  };
  work.then(done, done);
  return work;
}

/** Calls `action` when all that is ready now has been told: what was written until then can leave together. */
export function beforeWaiting(action: () => void): void {
  if (closing.push(action) === 1 && !turns) process.nextTick(close);
}

function close(): void {
  // What an action adds is done, too.
  for (let index = 0; index < closing.length; index++) closing[index]?.();
  if (closing.length > 0) closing = [];
}

function takeTurn(): void {
  if (turns) return;
  turns = true;
  try {
    const begun = performance.now();
    for (let timeout = 0; ; timeout = loop?.timeout() ?? 0) {
      moreIsExpected = false;
      promisesWait = false;
      const isReady = tell(timeout);
      close();
      if (!isReady || !mayWait() || performance.now() - begun > LONGEST_TURN_MS) return;
    }
  } finally {
    turns = false;
  }
}

function mayWait(): boolean {
  return moreIsExpected && !promisesWait && underWay === 0 && loop !== undefined;
}

/** Waits up to `timeout` ms, and tells whoever can go on. @returns whether it was for this that the wait ended */
function tell(timeout: number): boolean {
  const list = polled ?? listWaiting();
  const ready = poll(region.address, loop === undefined ? list.length : list.length + 1, timeout);
  if (ready <= 0) return false;
  let told = false;
  for (let index = 0; index < list.length; index++) {
    const happened = entries[index * 4 + 3] as number;
    if (happened === 0) continue;
    told = true;
    const watch = list[index] as Watch;
    // An error or a hang-up shows when the descriptor is used. Whoever closed it meanwhile wants nothing any more.
    if (watch.readable && (happened & ~POLLOUT) !== 0) watch.watcher.readable();
    if (watch.writable && (happened & ~POLLIN) !== 0) watch.watcher.writable();
  }
  return told; // else the event loop has something to do
}

function listWaiting(): readonly Watch[] {
  const list = [...watches].filter(({ events }) => events !== 0);
  const bytes = (list.length + 1) * ENTRY_BYTES;
  if (bytes > region.bytes.length) {
    region = Region.ofSize(2 * bytes);
    entries = new Int16Array(region.bytes.buffer, region.bytes.byteOffset, region.bytes.length / 2);
    descriptors = new Int32Array(region.bytes.buffer, region.bytes.byteOffset, region.bytes.length / 4);
  }
  for (const [index, { descriptor, events }] of list.entries()) {
    descriptors[index * 2] = descriptor;
    entries[index * 4 + 2] = events;
  }
  if (loop !== undefined) {
    descriptors[list.length * 2] = loop.descriptor;
    entries[list.length * 4 + 2] = POLLIN;
  }
  polled = list;
  return list;
}
