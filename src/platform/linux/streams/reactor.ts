// Owns waiting for descriptors. The event loop tells when one is ready. From then on, while more is expected at once and
// nothing else is under way, the reactor polls itself, nested in the loop's callback, for its own descriptors and for all
// that the loop waits for: that costs a fraction of a turn of the loop. No promise goes on meanwhile, so whoever starts or
// settles one has the loop turn: both-halves/promises.ts does, and nobody else needs to know.

import { pollDescriptor } from "../../../ffi/ffi.ts";
import { type EventLoop, eventLoop } from "./event-loop.ts";

/** As poll(2) and epoll(7) name what has happened; an error or a hang-up is neither. */
const IN = 0x1;
const OUT = 0x4;

/** How long the event loop may have to wait while there is always more to do here. */
const LONGEST_NESTED_MS = 5;

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
    this.handle = pollDescriptor(descriptor, (readable, writable) => {
      // Where it is neither, there was an error, which shows when the descriptor is used.
      pollNested(this, readable === writable ? IN | OUT : readable ? IN : OUT);
    });
    watches.set(descriptor, this);
  }

  get isOpen(): boolean {
    return watches.get(this.descriptor) === this;
  }

  get readable(): boolean {
    return (this.wanted & IN) !== 0;
  }

  /** Whether to wait until it can be read. */
  set readable(wanted: boolean) {
    this.want(wanted ? this.wanted | IN : this.wanted & ~IN);
  }

  get writable(): boolean {
    return (this.wanted & OUT) !== 0;
  }

  /** Whether to wait until it can be written. */
  set writable(wanted: boolean) {
    this.want(wanted ? this.wanted | OUT : this.wanted & ~OUT);
  }

  /** To be called before the descriptor is closed. */
  close(): void {
    if (!this.isOpen) return;
    watches.delete(this.descriptor);
    this.wanted = 0;
    this.handle.close();
    changed();
  }

  private want(events: number): void {
    if (events === this.wanted) return;
    this.wanted = events;
    this.handle.wait((events & IN) !== 0, (events & OUT) !== 0);
    changed();
  }
}

const watches = new Map<number, Watch>();

let isNested = false;
let keepsPolling = false;
let loopIsToTurn = false;
let keptTurning = 0;
let isChanged = false;
let closing: (() => void)[] = [];
const loop = eventLoop();

/** Something is about to become readable: an answer was asked for, or one was given. */
export function keepPolling(): void {
  keepsPolling = true;
}

/** A promise was settled: the event loop turns, so that those who wait for it go on. */
export function letLoopTurn(): void {
  loopIsToTurn = true;
}

/** The event loop turns by itself until `work` is done. */
export function keepLoopTurning<T>(work: Promise<T>): Promise<T> {
  keptTurning++;
  const done = () => {
    keptTurning--;
  };
  work.then(done, done);
  return work;
}

/** Calls `action` when all that is ready now has been told: what was written until then can leave together. */
export function beforeWaiting(action: () => void): void {
  if (closing.push(action) === 1 && !isNested) process.nextTick(close);
}

function close(): void {
  // What an action adds is done, too.
  for (let index = 0; index < closing.length; index++) closing[index]?.();
  if (closing.length > 0) closing = [];
}

/** What is waited for has changed: the loop will see to that when it waits the next time, and until then only it may. */
function changed(): void {
  if (isChanged) return;
  isChanged = true;
  setImmediate(() => {
    isChanged = false;
  });
}

/** Tells of what the event loop has seen, and of what comes next while there is no need of the loop. */
function pollNested(watch: Watch, happened: number): void {
  if (isNested) return;
  isNested = true;
  try {
    const begun = performance.now();
    expectNothing();
    tell(watch, happened);
    for (close(); mayPoll() && performance.now() - begun < LONGEST_NESTED_MS; close()) {
      expectNothing();
      if (!poll()) return;
    }
  } finally {
    isNested = false;
  }
}

function expectNothing(): void {
  keepsPolling = false;
  loopIsToTurn = false;
}

function mayPoll(): boolean {
  return keepsPolling && !loopIsToTurn && keptTurning === 0 && !isChanged && loop !== undefined;
}

/** Waits for as long as the loop may, and tells whoever can go on. @returns whether it was for this that the wait ended */
function poll(): boolean {
  let told = false;
  for (let index = (loop as EventLoop).wait() - 1; index >= 0; index--) {
    const watch = watches.get((loop as EventLoop).descriptor(index));
    // Whoever is not waited for any more has paused or closed meanwhile; what is not known is the loop's own.
    if (watch !== undefined && tell(watch, (loop as EventLoop).happened(index))) told = true;
  }
  return told;
}

/** @returns whether it was waited for */
function tell(watch: Watch, happened: number): boolean {
  const isReadable = watch.readable && (happened & ~OUT) !== 0;
  if (isReadable) watch.watcher.readable();
  const isWritable = watch.writable && (happened & ~IN) !== 0;
  if (isWritable) watch.watcher.writable();
  return isReadable || isWritable;
}
