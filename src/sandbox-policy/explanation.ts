// What is recorded of a plugin's refusals where somebody asked for that (S21): each once, and not without end.

import type { Explained, Refusal } from "../../protocol/messages.ts";
import { neededGrants } from "./needed-grants.ts";

/** A plugin may be refused as many different things as it likes. */
const MOST_REFUSALS = 256;
const LONGEST_SUBJECT = 1024;

export class Explanation {
  private readonly refusals = new Map<string, Refusal>();
  private leftOut = 0;
  private tell: (refusal: Refusal) => void = () => {};

  add(refusal: Refusal): void {
    const { subject } = refusal;
    const shown = subject.length > LONGEST_SUBJECT ? `${subject.slice(0, LONGEST_SUBJECT)}…` : subject;
    const recorded = { ...refusal, subject: shown };
    const key = JSON.stringify(recorded);
    if (this.refusals.has(key)) return;
    if (this.refusals.size === MOST_REFUSALS) {
      this.leftOut++;
      return;
    }
    this.refusals.set(key, recorded);
    this.tell(recorded);
  }

  /** Calls `listener` for each refusal from now on, and first for those that there are. */
  tellTo(listener: (refusal: Refusal) => void): void {
    for (const refusal of this.refusals.values()) listener(refusal);
    this.tell = listener;
  }

  describe(): Explained {
    const refusals = [...this.refusals.values()];
    return { refusals, leftOut: this.leftOut, grants: neededGrants(refusals) };
  }
}
