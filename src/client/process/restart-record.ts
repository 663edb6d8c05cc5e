// The rule how often dlrpc is started again, and after how long.

/** How often a dlrpc that has ended unasked is started again. */
export interface RestartOptions {
  /** At most so often within `windowMs`; the next end is the last. Default: 3. */
  readonly maxRestarts?: number | undefined;
  /** The window, in milliseconds. Default: 60000. */
  readonly windowMs?: number | undefined;
  /** How long to wait before the first restart, in milliseconds; before each further one within `windowMs` twice as long. Default: 100. */
  readonly backoffMs?: number | undefined;
}

const LONGEST_BACKOFF_MS = 30_000;
/** Other numbers Node's timers turn into 1. */
const LONGEST_TIMER_MS = 0x7fffffff;

export class RestartRecord {
  private readonly max: number;
  private readonly windowMs: number;
  private readonly backoffMs: number;
  private times: number[] = [];

  /** @throws RangeError where a number is of no use */
  constructor({ maxRestarts = 3, windowMs = 60_000, backoffMs = 100 }: RestartOptions) {
    if (!Number.isInteger(maxRestarts) || maxRestarts < 1) {
      throw new RangeError(`restart.maxRestarts is ${maxRestarts}: a whole number from 1 is needed`);
    }
    checkTime("restart.windowMs", windowMs);
    checkTime("restart.backoffMs", backoffMs);
    this.max = maxRestarts;
    this.windowMs = windowMs;
    this.backoffMs = backoffMs;
  }

  /** How many restarts there were within the window, with the last. */
  get attempts(): number {
    return this.times.length;
  }

  get words(): string {
    return `it was started again ${this.max} times within ${this.windowMs} ms`;
  }

  /** Notes a restart. @returns how long to wait before it; undefined where it would be one too many */
  next(now = performance.now()): number | undefined {
    this.times = this.times.filter((time) => now - time < this.windowMs);
    if (this.times.length >= this.max) return undefined;
    this.times.push(now);
    return Math.min(this.backoffMs * 2 ** (this.times.length - 1), LONGEST_BACKOFF_MS);
  }
}

/** @throws RangeError where `value` is no time */
export function checkTime(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= LONGEST_TIMER_MS) return;
  throw new RangeError(`${name} is ${value}: a whole number of milliseconds from 1 to ${LONGEST_TIMER_MS} is needed`);
}
