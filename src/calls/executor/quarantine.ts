// Owns the rule when a plugin that keeps crashing is not started any more (E6).

const CRASHES = 3;
const WINDOW_MS = 60_000;

export class CrashRecord {
  private times: number[] = [];

  /** Notes a crash. @returns whether it was one too many */
  add(now = performance.now()): boolean {
    this.times = [...this.times.filter((time) => now - time < WINDOW_MS), now];
    return this.times.length >= CRASHES;
  }

  clear(): void {
    this.times = [];
  }
}
