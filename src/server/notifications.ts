// Owns what the host is told without asking, and only what it asked to be told (M8, section 4).

import { StringDecoder } from "node:string_decoder";
import type { ExitedParams, InitializeParams, LogParams, OutputStream, Refusal } from "../../protocol/messages.ts";
import { RawJson } from "../../protocol/raw.ts";
import type { HandleEvents } from "../hosting/plugin-handle.ts";

type Wanted = NonNullable<InitializeParams["notifications"]>[number];

/** The way to the host. */
interface Channel {
  /** Whether the host is behind with reading. */
  isFull(): boolean;
  notify(method: string, params: object): void;
}

/** One output stream of one plugin: a chunk can end inside a character, and what the host is too slow for is counted. */
interface Output {
  readonly handle: string;
  readonly stream: OutputStream;
  readonly decoder: StringDecoder;
  droppedBytes: number;
}

/** The progress of one call. */
interface Progress {
  begin(): void;
  end(): void;
}

const noProgress: Progress = { begin() {}, end() {} };

export class Notifications implements HandleEvents {
  private readonly channel: Channel;
  private wanted: ReadonlySet<Wanted> = new Set();
  private readonly outputs = new Map<string, Output>();

  constructor(channel: Channel) {
    this.channel = channel;
  }

  subscribe(wanted: readonly Wanted[]): void {
    this.wanted = new Set(wanted);
  }

  get hearsOutput(): boolean {
    return this.wanted.has("log");
  }

  /** Passes on what a plugin wrote, unless the host is behind: a flood must not fill the memory. */
  output(handle: string, stream: OutputStream, bytes: Buffer, requestId: string | undefined): void {
    if (!this.wanted.has("log")) return;
    const output = this.outputOf(handle, stream);
    if (this.channel.isFull()) output.droppedBytes += bytes.length;
    else this.log(output, output.decoder.write(bytes), requestId);
  }

  /** Says how much was left out, as soon as the host reads again. */
  reportDropped(): void {
    for (const output of this.outputs.values()) this.log(output, "");
  }

  exited(params: ExitedParams): void {
    for (const stream of ["stdout", "stderr"] as const) {
      const output = this.outputOf(params.handle, stream);
      this.log(output, output.decoder.end());
      this.outputs.delete(keyOf(params.handle, stream));
    }
    if (this.wanted.has("exited")) this.channel.notify("plugin/exited", params);
  }

  refused(handle: string, refusal: Refusal): void {
    if (this.wanted.has("refused")) this.channel.notify("plugin/refused", { handle, ...refusal });
  }

  /** As in LSP: it begins when the call leaves the queue and ends just before its answer; what never began has no end. */
  progressOf(token: string | number | undefined): Progress {
    if (token === undefined || !this.wanted.has("progress")) return noProgress;
    const report = (kind: "begin" | "end") => this.channel.notify("$/progress", { token, value: { kind } });
    let hasBegun = false;
    return {
      begin() {
        if (hasBegun) return;
        hasBegun = true;
        report("begin");
      },
      end() {
        if (hasBegun) report("end");
      },
    };
  }

  private log(output: Output, text: string, requestId?: string): void {
    const { handle, stream, droppedBytes } = output;
    if (text === "" && droppedBytes === 0) return;
    output.droppedBytes = 0;
    const params: LogParams = {
      handle,
      stream,
      text,
      ...(requestId !== undefined && { requestId: new RawJson(Buffer.from(requestId, "latin1")) }),
      ...(droppedBytes > 0 && { droppedBytes }),
    };
    this.channel.notify("plugin/log", params);
  }

  private outputOf(handle: string, stream: OutputStream): Output {
    const key = keyOf(handle, stream);
    let output = this.outputs.get(key);
    if (output === undefined) {
      output = { handle, stream, decoder: new StringDecoder("utf8"), droppedBytes: 0 };
      this.outputs.set(key, output);
    }
    return output;
  }
}

function keyOf(handle: string, stream: OutputStream): string {
  return `${stream} of ${handle}`;
}
