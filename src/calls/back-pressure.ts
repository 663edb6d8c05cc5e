// Owns what plugins say waiting where their host is behind with reading (W7): it would wait in memory.

export class BackPressure {
  private readonly isBehind: () => boolean;
  private readonly waiting = new Set<() => void>();

  constructor(isBehind: () => boolean) {
    this.isBehind = isBehind;
  }

  /** Whether what asks may go on. Where not, `again` is called once the host has caught up. */
  passes(again: () => void): boolean {
    if (!this.isBehind()) return true;
    this.waiting.add(again);
    return false;
  }

  /** The host has caught up. */
  release(): void {
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const again of waiting) again();
  }
}

/** How far a host is behind. */
interface Reader {
  readonly isFull: boolean;
  readonly isFarBehind: boolean;
}

/** Back-pressure of two kinds: calls may begin for much longer than those that run may hand over partial results. */
export class FlowControl {
  readonly calls: BackPressure;
  readonly streams: BackPressure;

  constructor(reader: Reader) {
    this.calls = new BackPressure(() => reader.isFarBehind);
    this.streams = new BackPressure(() => reader.isFull);
  }

  /** The host has caught up. */
  release(): void {
    this.calls.release();
    this.streams.release();
  }
}

const KEEPS_UP: Reader = { isFull: false, isFarBehind: false };
export const noBackPressure = new FlowControl(KEEPS_UP);
