// Owns which requests are on their way to a plugin: it is being looked for, or loaded (G10).

import { inBackground } from "../../platform/both-halves/promises.ts";
import type { IncomingRequest } from "../../rpc/request.ts";

export class Arriving {
  private readonly underway = new Set<Promise<void>>();

  /** Answers a request later, unless it is cancelled before that. */
  later(request: IncomingRequest, answer: () => Promise<void>): void {
    request.begin({ cancel: () => request.drop() });
    const work = answer()
      .catch((error: unknown) => request.reject(error))
      .finally(() => this.underway.delete(work));
    this.underway.add(work);
    inBackground(work);
  }

  /** Resolves when none is. */
  async settled(): Promise<void> {
    while (this.underway.size > 0) await Promise.all(this.underway);
  }
}
