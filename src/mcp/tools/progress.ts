// Owns the progress of one call, as MCP tells it (G8): it increases each time, whatever the plugin reports.

import type { ProgressReport } from "../../../protocol/messages.ts";
import type { RawJson } from "../../../protocol/raw.ts";

/** The way to the client. */
export interface Channel {
  /** Whether the client is behind with reading. */
  readonly isFull: boolean;
  notify(method: string, params: object): void;
  /** What was said so far need not wait for what comes next. */
  sendNow(): void;
}

/** As much more than before as shows that there is something new, and no more. */
const STEP = 1e-9;

export class Progress {
  private readonly token: RawJson | undefined;
  private readonly channel: Channel;
  private last: number | undefined;
  private total: number | undefined;
  private message: string | undefined;

  /** @param token the client's; undefined where it wants to hear nothing */
  constructor(token: RawJson | undefined, channel: Channel) {
    this.token = token;
    this.channel = channel;
  }

  get isWanted(): boolean {
    return this.token !== undefined;
  }

  begin(): void {
    if (this.last === undefined) this.tell({ progress: 0 });
  }

  isBehind(): boolean {
    return this.channel.isFull;
  }

  report({ done, total, message }: ProgressReport): void {
    const last = this.last ?? 0;
    const isFurther = done !== undefined && done > last;
    if (!isFurther && (message === undefined || message === this.message)) return; // nothing new in MCP's terms
    this.total = total;
    this.message = message;
    this.tell({ progress: isFurther ? done : above(last), total, message });
    this.channel.sendNow(); // what comes next may be the answer, which takes longer
  }

  end(): void {
    const { last, total } = this;
    if (last === undefined) return; // what never began has no end
    const progress = total === undefined ? last + 1 : total > last ? total : above(last);
    this.tell({ progress, total: progress });
  }

  private tell(value: { progress: number; total?: number | undefined; message?: string | undefined }): void {
    const { token: progressToken } = this;
    this.last = value.progress;
    if (progressToken !== undefined) this.channel.notify("notifications/progress", { progressToken, ...value });
  }
}

function above(progress: number): number {
  return progress + Math.max(Math.abs(progress), 1) * STEP;
}
