// Owns End: how a process ended.

/** By a signal's name or with a status. */
export interface End {
  readonly signal: string | null;
  readonly exitCode: number | null;
}
