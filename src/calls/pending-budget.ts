// Owns the bound on the bytes of all calls that wait (E7): their number alone does not bound memory.

export class PendingBudget {
  readonly maxBytes: number;
  /** How many calls wait, for any plugin. */
  calls = 0;
  private taken = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** Takes room for a call that has to wait; a single one always has room. @returns false where there is none */
  take(bytes: number): boolean {
    if (this.taken > 0 && this.taken + bytes > this.maxBytes) return false;
    this.takeAnyway(bytes);
    return true;
  }

  /** Takes room for a call that had some before. */
  takeAnyway(bytes: number): void {
    this.calls++;
    this.taken += bytes;
  }

  release(bytes: number): void {
    this.calls--;
    this.taken -= bytes;
  }
}
