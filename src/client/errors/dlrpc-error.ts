// The base of the client's errors, and what is known of each kind.

import type { ErrorData as ProtocolData } from "../../../protocol/error-data.ts";
import type { ErrorKind, errorKinds } from "../../../protocol/error-kinds.ts";

/** What `data` of an error holds: `kind` always, the rest where it is known. More members depend on the kind. */
export interface ErrorData {
  /** The name of what went wrong, which is stable (docs/troubleshooting.md). */
  readonly kind: string;
  /** What the reader can do about it. */
  readonly hint?: string;
  /** The plugin's handle. */
  readonly handle?: string;
  /** The plugin's name. */
  readonly plugin?: string;
  /** The path that it is about. */
  readonly path?: string;
  readonly [more: string]: unknown;
}

/** What it may hold beside that, for each kind of the protocol. */
type PossibleData = {
  readonly [Kind in ErrorKind]: Readonly<Pick<Known, (typeof errorKinds)[Kind]["data"][number]>>;
};
type Known = (typeof ProtocolData)["_zod"]["output"];

/** What it holds for certain, where that is more. */
interface CertainData {
  PLUGIN_CRASHED: {
    readonly signal: string | null;
    readonly exitCode: number | null;
    /** The last that the plugin wrote to its stderr, or the beginning and the end of it. */
    readonly stderrTail: string;
    /** The same of its stdout. */
    readonly stdoutTail: string;
    readonly sideEffectsUnknown: true;
  };
  PLUGIN_TIMEOUT: { readonly stderrTail: string; readonly stdoutTail: string };
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

/** What data of one kind holds beside what all have. */
export type DataOfKind<Kind extends string> = (Kind extends ErrorKind ? PossibleData[Kind] : unknown) &
  (Kind extends keyof CertainData ? CertainData[Kind] : unknown);

/** The kinds of the protocol, and the client's own. UNKNOWN_KIND is one that a newer dlrpc knows: `data.kind` says which. */
export type DlrpcErrorKind = ErrorKind | "CONNECTION_LOST" | "UNKNOWN_KIND";

/** What an error of the client is made with, beside its message. */
export interface DlrpcErrorOptions extends ErrorOptions {
  /** Default: the kind alone. */
  readonly data?: Partial<ErrorData>;
}

/** The base of every error that dlrpc, or the connection to it, can give. */
export class AnyDlrpcError extends Error {
  /** Stable: a program decides on it, or on the class, and never on the message. */
  readonly kind: DlrpcErrorKind;
  /** The code of JSON-RPC. */
  readonly code: number;
  /** What else is known, by the kind. */
  readonly data: ErrorData;

  constructor(kind: DlrpcErrorKind, code: number, message: string, { data, ...options }: DlrpcErrorOptions = {}) {
    super(message, options);
    this.name = new.target === AnyDlrpcError ? "DlrpcError" : new.target.name;
    this.kind = kind;
    this.code = code;
    this.data = { ...data, kind: data?.kind ?? kind };
  }

  /** What the reader can do about it, where somebody knows. */
  get hint(): string | undefined {
    return this.data.hint;
  }
}

/** An error of one kind. */
export interface ErrorOfKind<Kind extends DlrpcErrorKind> extends AnyDlrpcError {
  readonly kind: Kind;
  /** What is known of an error of this kind. */
  readonly data: ErrorData & DataOfKind<Kind>;
}

/** Every error that dlrpc, or the connection to it, can give. A `switch` on `kind` says what `data` holds. */
export type DlrpcError = OneOf<DlrpcErrorKind>;
type OneOf<Kind extends DlrpcErrorKind> = Kind extends unknown ? ErrorOfKind<Kind> : never;

/** `instanceof` makes of an unknown value the union of them all. */
export const DlrpcError = AnyDlrpcError as {
  new (kind: DlrpcErrorKind, code: number, message: string, options?: DlrpcErrorOptions): AnyDlrpcError;
  readonly prototype: DlrpcError;
};

/** The class of the errors of one kind. */
export type ErrorClass<Kind extends DlrpcErrorKind> = new (
  message: string,
  options?: DlrpcErrorOptions,
) => ErrorOfKind<Kind>;
