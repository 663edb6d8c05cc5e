// Owns what the host is told without asking, and only what it asked to be told (M8, section 4).

import { StringDecoder } from "node:string_decoder";
import type { ExitedParams, InitializeParams, LogParams, OutputStream } from "../../protocol/messages.ts";
import type { RawJson } from "../../protocol/raw.ts";
import type { HandleEvents } from "../hosting/plugin-handle.ts";

type Wanted = NonNullable<InitializeParams["notifications"]>[number];

export class Notifications implements HandleEvents {
  private readonly notify: (method: string, params: object) => void;
  private wanted: ReadonlySet<Wanted> = new Set();
  /** By handle and stream: a chunk can end inside a character. */
  private readonly decoders = new Map<string, StringDecoder>();

  constructor(notify: (method: string, params: object) => void) {
    this.notify = notify;
  }

  subscribe(wanted: readonly Wanted[]): void {
    this.wanted = new Set(wanted);
  }

  output(handle: string, stream: OutputStream, bytes: Buffer, requestId: RawJson | undefined): void {
    if (!this.wanted.has("log")) return;
    const key = `${stream} of ${handle}`;
    const decoder = this.decoders.get(key) ?? new StringDecoder("utf8");
    this.decoders.set(key, decoder);
    const text = decoder.write(bytes);
    const params: LogParams = { handle, stream, text, ...(requestId && { requestId }) };
    if (text !== "") this.notify("plugin/log", params);
  }

  exited(params: ExitedParams): void {
    this.decoders.delete(`stdout of ${params.handle}`);
    this.decoders.delete(`stderr of ${params.handle}`);
    if (this.wanted.has("exited")) this.notify("plugin/exited", params);
  }

  /** `kind` is `begin` when a call leaves the queue and `end` when it has its answer, as in LSP. */
  progress(token: string | number | undefined, kind: "begin" | "end"): void {
    if (token !== undefined && this.wanted.has("progress")) this.notify("$/progress", { token, value: { kind } });
  }
}
