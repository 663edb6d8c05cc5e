// How it is said that others could change what dlrpc relies on (T3), whatever system says so.

export interface Exposure {
  /** The end of a sentence that begins with the path: who may. */
  readonly found: string;
  /** What to do about it. */
  readonly remedy: string;
}
