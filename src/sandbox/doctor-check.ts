// Check: one thing that `dlrpc doctor` has looked at.

export interface Check {
  readonly topic: string;
  /** `note`: dlrpc does without. */
  readonly state: "ok" | "note" | "bad";
  readonly found: string;
  /** What to do about it. */
  readonly remedy?: string;
}

export const ok = (topic: string, found: string): Check => ({ topic, state: "ok", found });
export const note = (topic: string, found: string, remedy?: string): Check => ({
  topic,
  state: "note",
  found,
  ...(remedy !== undefined && { remedy }),
});
export const bad = (topic: string, found: string, remedy: string): Check => ({ topic, state: "bad", found, remedy });
