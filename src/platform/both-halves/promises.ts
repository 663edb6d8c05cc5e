// Owns what code that is made of promises owes the event loop, in whose place the reactor may be polling: no promise goes on
// meanwhile. Nobody else starts such code from code that is not, or makes a promise (test/layering.test.ts).

import { keepLoopTurning, letLoopTurn } from "#platform/streams/reactor";
import { logDefect } from "../../observe/log.ts";

/** Lets `work`, which nobody waits for, go on; that it fails is a defect. */
export function inBackground(work: Promise<unknown>): void {
  keepLoopTurning(work).catch(logDefect);
}

/** A promise that is settled by whoever holds this, once: what comes after that counts for nothing. */
export class Deferred<T = void> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T | PromiseLike<T>) => void;
  readonly reject: (reason: unknown) => void;

  constructor() {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.promise = promise;
    this.resolve = (value) => {
      resolve(value);
      letLoopTurn();
    };
    this.reject = (reason) => {
      reject(reason);
      letLoopTurn();
    };
  }
}
