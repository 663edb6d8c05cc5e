// The partial results of one call, to be iterated over as they come.

import type { PluginResult } from "./methods.ts";

/**
 * A call whose partial results are iterated over. What is not taken yet waits in memory. The iteration throws what the call
 * fails with, behind all that came before. Leaving it early cancels the call.
 */
export class PluginStream<Value, Output extends object> implements AsyncIterable<Value> {
  /** What the call ends with. It need not be awaited: where nobody does, its failure is no unhandled rejection. */
  readonly result: Promise<PluginResult<Output>>;
  private readonly left = new AbortController();
  private values: Value[] = [];
  private hasEnded = false;
  private news = Promise.withResolvers<void>();

  /** @param call begins the call; aborting `left` cancels it */
  constructor(call: (onOutput: (value: Value) => void, left: AbortSignal) => Promise<PluginResult<Output>>) {
    this.result = call((value) => {
      this.values.push(value);
      this.tell();
    }, this.left.signal);
    const end = () => {
      this.hasEnded = true;
      this.tell();
    };
    this.result.then(end, end);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Value, void, undefined> {
    try {
      while (this.values.length > 0 || !this.hasEnded) {
        if (this.values.length === 0) await this.news.promise;
        yield* this.take();
      }
      await this.result; // throws what the call failed with
    } finally {
      this.left.abort("the iteration was left"); // once the call has ended, nothing comes of it
    }
  }

  private take(): Value[] {
    const { values } = this;
    this.values = [];
    return values;
  }

  private tell(): void {
    this.news.resolve();
    this.news = Promise.withResolvers();
  }
}
