// Owns the base of the client's errors, and what is known of each kind.

import type { BacktraceFrame } from "../../protocol/backtrace.ts";
import type { ErrorKind } from "../../protocol/errors.ts";

/** What `data` of an error holds: `kind` always, the rest where it is known. More members depend on the kind. */
export interface ErrorData {
  readonly kind: string;
  /** What the reader can do about it. */
  readonly hint?: string;
  readonly handle?: string;
  readonly plugin?: string;
  readonly path?: string;
  readonly [more: string]: unknown;
}

/** What it holds beside that, for the kinds whose data a program can act on. */
export interface DataOfKind {
  PLUGIN_CRASHED: {
    readonly signal: string | null;
    readonly exitCode: number | null;
    /** The last that the plugin wrote to its stderr, or the beginning and the end of it. */
    readonly stderrTail: string;
    /** The same of its stdout. */
    readonly stdoutTail: string;
    readonly sideEffectsUnknown: true;
    /** What could not be reached, or where the instruction is, where a signal ended it: `0x…`. */
    readonly address?: string;
    /** Where it crashed, and what had called that, where that is known. */
    readonly backtrace?: readonly BacktraceFrame[];
    /** Why it ended: `memory` where it used more than it may. */
    readonly reason?: string;
    /** In MiB, where it was that. */
    readonly memoryMb?: number;
    readonly usedMb?: number;
  };
  PLUGIN_TIMEOUT: { readonly stderrTail: string; readonly stdoutTail: string };
  LIBRARY_LOAD_FAILED: {
    /** Why, where that is known (P9), and with which library or symbol. */
    readonly reason?: string;
    readonly needed?: string;
    readonly symbol?: string;
    /** What `sandbox` would have to hold for it to load. */
    readonly grant?: { readonly read: readonly string[] };
  };
  INVALID_PARAMS: { readonly issues: readonly { readonly path: string; readonly message: string }[] };
  CONNECTION_LOST: {
    readonly command: string;
    readonly signal: string | null;
    readonly exitCode: number | null;
    /** The last that dlrpc wrote to its stderr. */
    readonly stderrTail: string;
    /** Whether the request may have been received, so that a plugin may have done something. */
    readonly sideEffectsUnknown: boolean;
  };
}

/** The kinds of the protocol, the client's own, and those that a newer dlrpc may know. */
export type DlrpcErrorKind = ErrorKind | "CONNECTION_LOST" | (string & {});

export interface DlrpcErrorOptions extends ErrorOptions {
  readonly data?: Omit<ErrorData, "kind">;
}

/** The base of every error that dlrpc, or the connection to it, can give. */
export class DlrpcError extends Error {
  /** Stable: a program decides on it, or on the class, and never on the message. */
  readonly kind: DlrpcErrorKind;
  /** The code of JSON-RPC. */
  readonly code: number;
  readonly data: ErrorData;

  constructor(kind: DlrpcErrorKind, code: number, message: string, { data, ...options }: DlrpcErrorOptions = {}) {
    super(message, options);
    this.name = new.target.name;
    this.kind = kind;
    this.code = code;
    this.data = { ...data, kind };
  }

  /** What the reader can do about it, where somebody knows. */
  get hint(): string | undefined {
    return this.data.hint;
  }
}

/** An error of one kind. */
export interface ErrorOfKind<Kind extends string> extends DlrpcError {
  readonly kind: Kind;
  readonly data: Kind extends keyof DataOfKind ? ErrorData & DataOfKind[Kind] : ErrorData;
}

export type ErrorClass<Kind extends string> = new (message: string, options?: DlrpcErrorOptions) => ErrorOfKind<Kind>;
