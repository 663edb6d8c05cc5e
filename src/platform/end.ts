// Owns End: how a process ended.

/** By a signal's name or with a status. */
export interface End {
  readonly signal: string | null;
  readonly exitCode: number | null;
  /** On Windows: the name of the exception that the status is (E22). */
  readonly exception?: string;
}
