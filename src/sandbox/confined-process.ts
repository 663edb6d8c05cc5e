// What confining a process knows of it, on every system.

import type { ErrorDetails } from "../../protocol/errors.ts";
import type { Grant } from "../sandbox-policy/grants.ts";
import type { Confinement } from "../sandbox-policy/policy.ts";

export interface ConfinedProcess {
  readonly pid: number;
  /** Whether code of the plugin has something to do. */
  readonly listener: { isBusy(): boolean };
  /** Is told as long as code of the plugin may run. */
  readonly temporary: { begin(): void } | undefined;
  /** @param orders as native/frames/frames.h has them @returns what came of each: an int32, 0 or the system's number of an error */
  order(orders: Buffer): Promise<Buffer>;
  kill(cause: string, details: ErrorDetails): void;
}

/** What a process is to be confined to. */
export interface ConfiningOptions {
  readonly confinement: Confinement;
  /** Its private directory. */
  readonly temporary: string | undefined;
  /** Where the copy of its code is. */
  readonly libraries: string | undefined;
  /** The plugin's directory, which it may read. */
  readonly directory: Grant;
}
