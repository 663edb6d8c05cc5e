// Owns which requests are on their way to a plugin: it is being looked for, or loaded (G10).

import { goOnUntil } from "#carrier/streams/reactor";
import type { IncomingRequest } from "../../rpc/request.ts";

export class Arriving {
  private readonly underway = new Set<Promise<void>>();

  /** Answers a request later, unless it is cancelled before that. */
  later(request: IncomingRequest, answer: () => Promise<void>): void {
    request.begin({ cancel: () => request.drop() });
    const work = goOnUntil(answer()).catch((error: unknown) => request.reject(error));
    this.underway.add(work);
    void work.then(() => this.underway.delete(work));
  }

  /** Resolves when none is. */
  async settled(): Promise<void> {
    while (this.underway.size > 0) await Promise.all(this.underway);
  }
}
