// Owns when what was written leaves, where Node's own loop does all the waiting (linux/reactor.ts has more to say).

/** Something is about to become readable: here the loop finds out by itself. */
export function keepPolling(): void {}

/** A promise was settled: here the loop turns anyway. */
export function letLoopTurn(): void {}

/** Here the loop turns by itself. @returns `work` */
export function keepLoopTurning<T>(work: Promise<T>): Promise<T> {
  return work;
}

let closing: (() => void)[] = [];

/** Calls `action` when what runs now is done: what was written until then can leave together. */
export function beforeWaiting(action: () => void): void {
  if (closing.push(action) === 1) process.nextTick(close);
}

/** Has it leave now: all that was ready has been told. */
export function close(): void {
  // What an action adds is done, too.
  for (let index = 0; index < closing.length; index++) closing[index]?.();
  closing = [];
}
