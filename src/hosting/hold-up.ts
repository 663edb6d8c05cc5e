// Owns holding calls up while their host is far behind with reading answers (W7): each result would wait in memory.

export class HoldUp {
  private readonly isBehind: () => boolean;
  private readonly waiting = new Set<() => void>();

  constructor(isBehind: () => boolean) {
    this.isBehind = isBehind;
  }

  /** Whether calls may begin. Where not, `again` is called once the host has caught up. */
  passes(again: () => void): boolean {
    if (!this.isBehind()) return true;
    this.waiting.add(again);
    return false;
  }

  /** The host has caught up. */
  end(): void {
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const again of waiting) again();
  }
}
