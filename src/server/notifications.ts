// Owns what the host is told without asking, and only what it asked to be told (M8, section 4).

import { StringDecoder } from "node:string_decoder";
import { Wanted } from "../../native/frames/frames.ts";
import type {
  ExecuteParams,
  ExitedParams,
  LogLevel,
  LogParams,
  OutputStream,
  ProgressParams,
  ProgressReport,
  Refusal,
} from "../../protocol/messages.ts";
import { RawJson } from "../../protocol/raw.ts";
import type { NotificationName, WantedName } from "../../protocol/wanted.ts";
import type { HandleEvents } from "../plugin-table/plugin-handle.ts";
import { type OutgoingMessage, outputHead, progressHead } from "../rpc/response.ts";

/** The way to the host. */
interface Channel {
  /** Whether the host is behind with reading. */
  readonly isFull: boolean;
  notify(method: NotificationName, params: object): void;
  send(message: OutgoingMessage): void;
  output(head: Uint8Array, value: Uint8Array): void;
  /** What was said so far need not wait for what comes next. */
  sendNow(): void;
}

/** One output stream of one plugin: a chunk can end inside a character, and what the host is too slow for is counted. */
interface Output {
  readonly handle: string;
  readonly stream: LogParams["stream"];
  readonly decoder: StringDecoder;
  droppedBytes: number;
}

type SaidTo = (handle: string, requestId: string, level: LogLevel, text: string) => void;

/** What is said of one call beside its answer. */
export class CallNotifications {
  /** Bits of `Wanted`. */
  readonly wanted: number;
  private readonly channel: Channel;
  private readonly progress: string | undefined;
  private readonly log: SaidTo;
  private head: Uint8Array | undefined;
  private hasBegun = false;

  /** @param token where progress is wanted */
  constructor(channel: Channel, wanted: number, token: string | number | undefined, log: SaidTo) {
    this.channel = channel;
    this.wanted = wanted;
    this.progress = token === undefined ? undefined : progressHead(token);
    this.log = log;
  }

  /** As in LSP: it begins when the call leaves the queue and ends just before its answer; what never began has no end. */
  begin(): void {
    if (this.hasBegun) return;
    this.hasBegun = true;
    this.tell({ kind: "begin" });
  }

  isBehind(): boolean {
    return this.channel.isFull;
  }

  report(report: ProgressReport): void {
    this.tell({ kind: "report", ...report });
    this.channel.sendNow(); // what comes next may be the answer, which takes longer
  }

  end(): void {
    if (this.hasBegun) this.tell({ kind: "end" });
  }

  output(requestId: string, value: RawJson): void {
    this.head ??= outputHead(requestId);
    this.channel.output(this.head, value.bytes);
  }

  said(handle: string, requestId: string, level: LogLevel, text: string): void {
    this.log(handle, requestId, level, text);
  }

  private tell(value: ProgressParams["value"]): void {
    const { progress: head, channel } = this;
    if (head !== undefined) channel.send({ head, body: Buffer.from(JSON.stringify(value)), tail: "}}", isOurs: true });
  }
}

export class Notifications implements HandleEvents {
  private readonly channel: Channel;
  private wanted: ReadonlySet<WantedName> = new Set();
  /** What is said of calls that nobody wants anything of but their answers. */
  private readonly silent: CallNotifications;
  private readonly outputs = new Map<string, Output>();

  constructor(channel: Channel) {
    this.channel = channel;
    this.silent = new CallNotifications(channel, 0, undefined, this.said);
  }

  subscribe(wanted: readonly WantedName[]): void {
    this.wanted = new Set(wanted);
  }

  get hearsOutput(): boolean {
    return this.wanted.has("log");
  }

  /** Passes on what a plugin wrote, unless the host is behind: a flood must not fill the memory. */
  output(handle: string, stream: OutputStream, bytes: Buffer, requestId: string | undefined): void {
    if (!this.wanted.has("log")) return;
    const output = this.outputOf(handle, stream);
    if (this.channel.isFull) output.droppedBytes += bytes.length;
    else this.log(output, output.decoder.write(bytes), requestId);
  }

  /** Says how much was left out, as soon as the host reads again. */
  reportDropped(): void {
    for (const output of this.outputs.values()) this.log(output, "");
  }

  exited(params: ExitedParams): void {
    for (const stream of ["stdout", "stderr", "log"] as const) {
      const output = this.outputOf(params.handle, stream);
      this.log(output, output.decoder.end());
      this.outputs.delete(keyOf(params.handle, stream));
    }
    if (this.wanted.has("exited")) this.channel.notify("plugin/exited", params);
  }

  refused(handle: string, refusal: Refusal): void {
    if (this.wanted.has("refused")) this.channel.notify("plugin/refused", { handle, ...refusal });
  }

  /** What is to be said of a call with these params. */
  ofCall({
    progressToken,
    partialResults,
  }: Pick<ExecuteParams, "progressToken" | "partialResults">): CallNotifications {
    const { wanted } = this;
    const token = wanted.has("progress") ? progressToken : undefined;
    const hearsOutput = partialResults ?? wanted.has("output");
    const bits =
      (token === undefined ? 0 : Wanted.wantsProgress) |
      (hearsOutput ? Wanted.wantsOutput : 0) |
      (wanted.has("log") ? Wanted.wantsLog : 0);
    return bits === 0 ? this.silent : new CallNotifications(this.channel, bits, token, this.said);
  }

  /** Passes on what a call says to the log, unless the host is behind. */
  private readonly said = (handle: string, requestId: string, level: LogLevel, text: string): void => {
    const output = this.outputOf(handle, "log");
    if (this.channel.isFull) output.droppedBytes += Buffer.byteLength(text);
    else this.log(output, text, requestId, level);
  };

  private log(output: Output, text: string, requestId?: string, level?: LogLevel): void {
    const { handle, stream, droppedBytes } = output;
    if (text === "" && droppedBytes === 0) return;
    output.droppedBytes = 0;
    const params: LogParams = {
      handle,
      stream,
      ...(level !== undefined && { level }),
      text,
      ...(requestId !== undefined && { requestId: new RawJson(Buffer.from(requestId, "latin1")) }),
      ...(droppedBytes > 0 && { droppedBytes }),
    };
    this.channel.notify("plugin/log", params);
  }

  private outputOf(handle: string, stream: LogParams["stream"]): Output {
    const key = keyOf(handle, stream);
    let output = this.outputs.get(key);
    if (output === undefined) {
      output = { handle, stream, decoder: new StringDecoder("utf8"), droppedBytes: 0 };
      this.outputs.set(key, output);
    }
    return output;
  }
}

function keyOf(handle: string, stream: LogParams["stream"]): string {
  return `${stream} of ${handle}`;
}
