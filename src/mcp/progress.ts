// Owns the progress of one call, as MCP tells it (G8): it begins when the call leaves the queue, ends just before the
// answer, and increases each time.

import type { RawJson } from "../../protocol/raw.ts";

/** Sends a notification. */
export type Notify = (method: string, params: object) => void;

export class Progress {
  private readonly token: RawJson | undefined;
  private readonly notify: Notify;
  private hasBegun = false;

  /** @param token the client's; undefined where it wants to hear nothing */
  constructor(token: RawJson | undefined, notify: Notify) {
    this.token = token;
    this.notify = notify;
  }

  begin(): void {
    if (this.hasBegun) return;
    this.hasBegun = true;
    this.report(0);
  }

  end(): void {
    if (this.hasBegun) this.report(1);
  }

  private report(progress: number): void {
    const { token: progressToken } = this;
    if (progressToken !== undefined) this.notify("notifications/progress", { progressToken, progress, total: 1 });
  }
}
