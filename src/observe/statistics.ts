// Owns the figures that plugin/list shows of each handle.

import { createHistogram } from "node:perf_hooks";

const LONGEST_MICROSECONDS = 24 * 60 * 60 * 1e6;

export class Statistics {
  calls = 0;
  errors = 0;
  crashes = 0;
  restarts = 0;
  timeouts = 0;
  /** Answers that came when nobody waited for them any more. */
  discarded = 0;
  private readonly durations = createHistogram({ lowest: 1, highest: LONGEST_MICROSECONDS, figures: 2 });

  /** Notes how long a call ran, in milliseconds. */
  ran(milliseconds: number): void {
    this.durations.record(Math.min(LONGEST_MICROSECONDS, Math.max(1, Math.round(milliseconds * 1000))));
  }

  /** In milliseconds; null before the first call. */
  percentile(percent: number): number | null {
    return this.durations.count === 0 ? null : this.durations.percentile(percent) / 1000;
  }
}
