// Owns the bound on memory that is shared, which no limit of the system's counts (S5): it is looked at while calls run.

import { sharedBytes } from "../observe/memory.ts";

const LOOK_AGAIN_MS = 50;
const MIB = 1024 * 1024;

/** What is watched. */
interface Watched {
  readonly listener: { isBusy(): boolean };
  kill(cause: string): void;
}

export class MemoryWatch {
  private readonly pid: number;
  private readonly memoryMb: number;
  private readonly watched: Watched;
  private timer: NodeJS.Timeout | undefined;

  constructor(pid: number, memoryMb: number, watched: Watched) {
    this.pid = pid;
    this.memoryMb = memoryMb;
    this.watched = watched;
  }

  /** Looks again and again from now on, until no call runs. */
  callBegins(): void {
    this.timer ??= setTimeout(() => this.look(), LOOK_AGAIN_MS).unref();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private look(): void {
    this.timer = undefined;
    const used = sharedBytes(this.pid);
    if (used > this.memoryMb * MIB) {
      this.watched.kill(`it used ${Math.ceil(used / MIB)} MiB of shared memory, ${this.memoryMb} are allowed`);
    } else if (this.watched.listener.isBusy()) {
      this.callBegins();
    }
  }
}
