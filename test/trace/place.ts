/** A function of dlrpc. */
export interface Place {
  /** With its class, where it has one; empty where it has no name. */
  readonly name: string;
  /** Relative to the project. */
  readonly file: string;
  /** Begins with 1. */
  readonly line: number;
}
