// How what runs is ended from outside, by signals: the plugin's process, and what that has started, ends with it.

import { endAs } from "#platform/processes/own-process";

/** SIGBREAK is Ctrl-Break of Windows, where SIGHUP is a window that was closed. */
export const endingSignals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"] as const;

/** Hears each signal once: a second one of the same kind ends the program at once. */
export class Interruption {
  private readonly controller = new AbortController();
  private by: NodeJS.Signals | undefined;

  constructor() {
    for (const signal of endingSignals) {
      process.once(signal, () => {
        this.by ??= signal;
        this.controller.abort();
      });
    }
  }

  get hasBegun(): boolean {
    return this.by !== undefined;
  }

  /** For what can be cancelled. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Ends the program where a signal came; one that comes from now on does so at once. */
  async end(): Promise<void> {
    if (this.by !== undefined) await endAs(this.by);
    for (const signal of endingSignals) process.removeAllListeners(signal);
  }
}
