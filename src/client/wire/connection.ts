// The conversation with one program: requests, their cancellation, notifications, and what happens at its end.

import {
  CancellationTokenSource,
  createMessageConnection,
  ErrorCodes,
  type MessageConnection,
  ProgressType,
  ResponseError,
} from "vscode-jsonrpc/node";
import { errorFromResponse } from "../errors/error-classes.ts";
import { type ConnectionLostError, RequestCancelledError, ShuttingDownError } from "../errors/errors.ts";
import type { Methods, Progress } from "../methods.ts";
import { COMMAND_HINT, type Program, type ProgramExit } from "../process/program.ts";
import { END_OF_MESSAGES, ProgramReader } from "./reader.ts";
import { EncodedParams, ProgramWriter } from "./writer.ts";

export interface RequestOptions {
  /** Aborting it sends `$/cancelRequest`. */
  readonly signal?: AbortSignal | undefined;
}

export interface CallOptions extends RequestOptions {
  /** Is told each partial result of the call, in order, before its answer; its params must ask for them. */
  readonly onOutput?: ((value: never) => void) | undefined;
  /** Is told how the call gets on. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** What the program says unasked. */
export interface ConnectionListener {
  notification(method: string, params: object): void;
  stderr(text: string): void;
  /** Nothing comes after this. Every request has been settled. */
  ended(exit: ProgramExit): void;
}

interface OutputParams {
  readonly requestId: number;
  readonly value: never; // whoever is told says what it is
}

const nobody: ConnectionListener = { notification() {}, stderr() {}, ended() {} };

const progressType = new ProgressType<Progress>();

export class Connection {
  /** Resolves when the program has ended and everything that it said has been heard. */
  readonly ended: Promise<ProgramExit>;
  listener = nobody;
  /** What to do about it when the connection is lost, where somebody knows. */
  lostHint: string | undefined;
  private readonly program: Program;
  private readonly writer: ProgramWriter;
  private readonly rpc: MessageConnection;
  private readonly hasProgress: boolean;
  private exit: ProgramExit | undefined;
  private wasAnswered = false;
  private lastProgressToken = 0;
  /** Who is told the partial results of which request. */
  private readonly outputs = new Map<number, (value: never) => void>();

  /** @param hasProgress whether the program is asked for $/progress */
  constructor(program: Program, hasProgress: boolean) {
    this.program = program;
    this.hasProgress = hasProgress;
    this.writer = new ProgramWriter(program.child.stdin);
    const reader = new ProgramReader(program.child.stdout, (problem) => program.giveUp(problem));
    this.rpc = createMessageConnection(reader, this.writer);
    const heard = new Promise<void>((resolve) => this.rpc.onNotification(END_OF_MESSAGES, () => resolve()));
    this.rpc.onNotification((method, params) => outside(() => this.listener.notification(method, params as object)));
    this.rpc.onNotification("plugin/output", ({ requestId, value }: OutputParams) => {
      const onOutput = this.outputs.get(requestId);
      if (onOutput !== undefined) outside(() => onOutput(value));
    });
    this.ended = Promise.all([program.ended, heard]).then(([exit]) => {
      this.exit = exit;
      this.rpc.dispose(); // rejects what still waits
      setImmediate(() => this.listener.ended(exit)); // when whoever waits has been told
      return exit;
    });
    program.watch((text) => outside(() => this.listener.stderr(text)));
    this.rpc.listen();
  }

  get pid(): number {
    return this.program.child.pid as number; // it has one once it runs
  }

  get hasEnded(): boolean {
    return this.exit !== undefined;
  }

  /** Why nothing can be sent any more; undefined while it can. */
  get lost(): ConnectionLostError | undefined {
    return this.exit && this.lostError(this.exit, false);
  }

  /** No longer message is sent: dlrpc would answer it without saying which one it was. */
  set maxMessageBytes(limit: number) {
    this.writer.maxMessageBytes = limit;
  }

  /** @throws DlrpcError; TypeError where `params` cannot be written as JSON */
  async request<Method extends keyof Methods>(
    method: Method,
    params: Methods[Method]["params"],
    { signal, onOutput, onProgress }: CallOptions = {},
  ): Promise<Methods[Method]["result"]> {
    if (signal?.aborted === true) {
      throw new RequestCancelledError(`${method} was aborted before it was sent`, { cause: signal.reason });
    }
    if (this.exit !== undefined) throw this.lostError(this.exit, false);
    const progress = onProgress && this.progress(onProgress);
    let id: number | undefined;
    const withToken = progress === undefined ? params : { ...params, progressToken: progress.token };
    const encoded = new EncodedParams(withToken, (chosen) => {
      id = chosen;
      if (onOutput !== undefined) this.outputs.set(id, onOutput);
    });
    const cancellation = new CancellationTokenSource();
    const cancel = () => cancellation.cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      const result = await this.rpc.sendRequest<Methods[Method]["result"]>(method, encoded, cancellation.token);
      this.wasAnswered = true;
      return result;
    } catch (error) {
      throw encoded.refusal ?? (await this.explain(error, signal)); // made here, it has the caller's stack
    } finally {
      signal?.removeEventListener("abort", cancel);
      cancellation.dispose();
      if (id !== undefined) this.outputs.delete(id);
      progress?.dispose();
    }
  }

  /** Has `onProgress` told about one request. @returns the token for its params, and what ends that */
  private progress(onProgress: (progress: Progress) => void): { token: number; dispose(): void } {
    if (!this.hasProgress) throw new TypeError('onProgress needs "progress" among the `notifications` of spawnDlrpc');
    const token = ++this.lastProgressToken;
    const { dispose } = this.rpc.onProgress(progressType, token, (progress) => outside(() => onProgress(progress)));
    return { token, dispose };
  }

  /** Ends the program in order. @throws ConnectionLostError where it ends in another way */
  async shutdown(): Promise<ProgramExit> {
    try {
      await this.request("shutdown", {});
    } catch (error) {
      if (!(error instanceof ShuttingDownError)) throw error; // a signal came first
    }
    this.program.child.stdin.end();
    return await this.ended;
  }

  kill(): void {
    this.program.kill();
  }

  private async explain(error: unknown, signal: AbortSignal | undefined): Promise<unknown> {
    if (!(error instanceof ResponseError)) return error;
    const { code, message, data } = error;
    const isLost = code === ErrorCodes.PendingResponseRejected || code === ErrorCodes.MessageWriteError;
    if (isLost) return this.lostError(await this.ended, true);
    this.wasAnswered = true;
    return errorFromResponse(code, message, data, signal?.aborted === true ? signal.reason : undefined);
  }

  private lostError(exit: ProgramExit, sideEffectsUnknown: boolean): ConnectionLostError {
    const hint = this.lostHint ?? (this.wasAnswered ? undefined : COMMAND_HINT);
    return this.program.lostError(exit, sideEffectsUnknown, hint);
  }
}

/**
 * Runs a callback of the user's so that what it throws is an uncaught exception: vscode-jsonrpc would swallow it, and a
 * restart would end there.
 */
export function outside(callback: () => void): void {
  queueMicrotask(callback);
}
