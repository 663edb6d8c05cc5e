// Owns the rest of confining a process, once it has become the program that is to be confined (birth.ts). The program's
// own share is small, for it takes memory for as long as it runs.

import { filterSystemCalls } from "../native/seccomp.ts";
import { type Report, Reporter } from "./report.ts";

/** What the program is born with. */
export interface Born {
  readonly report: Report;
  /** What of the filter of system calls would have kept it from being born, in base64; absent where there is no seccomp. */
  readonly filter?: string | undefined;
}

/** Puts all threads under the filter, before any code of a plugin runs. */
export function confineAfterBirth({ report, filter }: Born): Report {
  if (filter === undefined) return report;
  const reporter = new Reporter(report);
  reporter.try("seccomp", () => filterSystemCalls(Buffer.from(filter, "base64")));
  return reporter;
}
