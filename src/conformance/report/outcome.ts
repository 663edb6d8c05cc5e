// What came of a transcript, and counting that.

import type { Failure } from "../play.ts";
import type { Transcript } from "../transcript/format.ts";

/** A transcript with the section that it stands in. */
export interface Entry {
  readonly section: string;
  readonly transcript: Transcript;
}

export interface Outcome extends Entry {
  readonly milliseconds: number;
  readonly failure: Failure | undefined;
  /** Why it was not run: there is nothing that it could show on this machine. */
  readonly notApplicable: string | undefined;
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly notApplicable: number;
}

export function countOutcomes(outcomes: readonly Outcome[]): Counts {
  const failed = outcomes.filter(({ failure }) => failure !== undefined).length;
  const notApplicable = outcomes.filter(({ notApplicable }) => notApplicable !== undefined).length;
  return { passed: outcomes.length - failed - notApplicable, failed, notApplicable };
}
