// Owns the names of the client's errors: one for each kind of the protocol, and one for a connection that is lost.

import { type DataOfKind, DlrpcError, type ErrorOfKind } from "./dlrpc-error.ts";
import { errorClasses } from "./error-classes.ts";

export * from "./dlrpc-error.ts";

// An export needs a name that is written down. The compiler holds that each is one of the registry's, a test that none
// is missing.
export const {
  ParseError,
  BadFrameError,
  InvalidRequestError,
  DuplicateIdError,
  MessageTooLargeError,
  MethodNotFoundError,
  InvalidParamsError,
  InternalError,
  RequestCancelledError,
  PathNotFoundError,
  UntrustedPathError,
  InvalidPluginError,
  LibraryNotFoundError,
  LibraryLoadFailedError,
  SymbolMissingError,
  AbiMismatchError,
  InvalidMetadataError,
  IntegrityFailedError,
  SandboxUnavailableError,
  WorkerUnavailableError,
  UnknownHandleError,
  PluginCrashedError,
  PluginTimeoutError,
  InvalidResultError,
  OverloadedError,
  PluginQuarantinedError,
  ShuttingDownError,
} = errorClasses;

/** What JSON-RPC's libraries use for it (PendingResponseRejected). */
const CONNECTION_LOST_CODE = -32097;

/** dlrpc could not be started, or has ended: what every request that waited, and every later one, is rejected with. */
export class ConnectionLostError extends DlrpcError implements ErrorOfKind<"CONNECTION_LOST"> {
  declare readonly kind: "CONNECTION_LOST";
  declare readonly data: ErrorOfKind<"CONNECTION_LOST">["data"];

  constructor(
    message: string,
    data: DataOfKind["CONNECTION_LOST"] & { readonly hint?: string },
    options?: ErrorOptions,
  ) {
    super("CONNECTION_LOST", CONNECTION_LOST_CODE, message, { ...options, data: { ...data } });
  }
}
