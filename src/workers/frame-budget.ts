// Owns the bound on the memory of frames that began and have not ended, of all workers together: each plugin can begin
// one, and leave it at that. Those that would go beyond it wait; nobody waits for a frame that does not go on.

/** A frame may have room for so long while others wait for some: the largest takes a part of that. */
const HOLD_MS = 2000;

/** One that has begun. */
export interface BegunFrame {
  /** There may be room: it can ask again. */
  resume(): void;
  /** It has had room for long and has not ended, and others need it: it is to be given up. */
  giveUp(): void;
}

interface Share {
  bytes: number;
  /** When it could go on. */
  since: number;
}

export class FrameBudget {
  private readonly maxBytes: number;
  private taken = 0;
  /** In the order in which they began. */
  private readonly shares = new Map<BegunFrame, Share>();
  private readonly waiting = new Set<BegunFrame>();
  private timer: NodeJS.Timeout | undefined;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  begin(frame: BegunFrame): void {
    this.shares.set(frame, { bytes: 0, since: performance.now() });
  }

  /** How much more of it may arrive now. @returns 0 where it has to wait for `resume`; the first one never has to */
  roomFor(frame: BegunFrame): number {
    const [first] = this.shares.keys();
    if (frame === first) return Number.POSITIVE_INFINITY;
    const room = this.maxBytes - this.taken;
    if (room > 0) return room;
    this.waiting.add(frame);
    this.timer ??= setTimeout(() => this.makeRoom(), HOLD_MS).unref();
    return 0;
  }

  arrived(frame: BegunFrame, bytes: number): void {
    const share = this.shares.get(frame);
    if (share === undefined) return;
    share.bytes += bytes;
    this.taken += bytes;
  }

  /** It has ended, or is given up. */
  end(frame: BegunFrame): void {
    this.taken -= this.shares.get(frame)?.bytes ?? 0;
    this.shares.delete(frame);
    this.waiting.delete(frame);
    const now = performance.now();
    for (const other of this.waiting) {
      const share = this.shares.get(other);
      if (share !== undefined) share.since = now;
      other.resume();
    }
    this.waiting.clear();
  }

  private makeRoom(): void {
    this.timer = undefined;
    if (this.waiting.size === 0) return;
    this.timer = setTimeout(() => this.makeRoom(), HOLD_MS).unref();
    const latest = performance.now() - HOLD_MS;
    const late = [...this.shares].filter(([frame, { since }]) => !this.waiting.has(frame) && since <= latest);
    for (const [frame] of late) frame.giveUp();
  }
}
