// The names of the client's errors: one for each kind of the protocol, and one for a connection that is lost.

import { AnyDlrpcError, type DataOfKind, type ErrorOfKind } from "./dlrpc-error.ts";
import { errorClasses } from "./error-classes.ts";

export * from "./dlrpc-error.ts";

// An export needs a name that is written down.
export const {
  // `npm run docs` lists client classes here:
  PARSE_ERROR: ParseError,
  BAD_FRAME: BadFrameError,
  INVALID_REQUEST: InvalidRequestError,
  DUPLICATE_ID: DuplicateIdError,
  MESSAGE_TOO_LARGE: MessageTooLargeError,
  METHOD_NOT_FOUND: MethodNotFoundError,
  INVALID_PARAMS: InvalidParamsError,
  INTERNAL_ERROR: InternalError,
  REQUEST_CANCELLED: RequestCancelledError,
  PATH_NOT_FOUND: PathNotFoundError,
  UNTRUSTED_PATH: UntrustedPathError,
  INVALID_PLUGIN: InvalidPluginError,
  LIBRARY_NOT_FOUND: LibraryNotFoundError,
  LIBRARY_LOAD_FAILED: LibraryLoadFailedError,
  SYMBOL_MISSING: SymbolMissingError,
  ABI_MISMATCH: AbiMismatchError,
  INVALID_METADATA: InvalidMetadataError,
  INTEGRITY_FAILED: IntegrityFailedError,
  SANDBOX_UNAVAILABLE: SandboxUnavailableError,
  WORKER_UNAVAILABLE: WorkerUnavailableError,
  RESOURCES_EXHAUSTED: ResourcesExhaustedError,
  UNKNOWN_HANDLE: UnknownHandleError,
  PLUGIN_CRASHED: PluginCrashedError,
  PLUGIN_TIMEOUT: PluginTimeoutError,
  INVALID_RESULT: InvalidResultError,
  OVERLOADED: OverloadedError,
  PLUGIN_QUARANTINED: PluginQuarantinedError,
  SHUTTING_DOWN: ShuttingDownError,
  // end of the list
} = errorClasses;

/** What JSON-RPC's libraries use for it (PendingResponseRejected). */
const CONNECTION_LOST_CODE = -32097;

/** dlrpc could not be started, or has ended: what every request that waited, and every later one, is rejected with. */
export class ConnectionLostError extends AnyDlrpcError implements ErrorOfKind<"CONNECTION_LOST"> {
  declare readonly kind: "CONNECTION_LOST";
  /** How dlrpc ended, its last words, and whether the request may have had effects. */
  declare readonly data: ErrorOfKind<"CONNECTION_LOST">["data"];

  constructor(
    message: string,
    data: DataOfKind<"CONNECTION_LOST"> & { readonly hint?: string },
    options?: ErrorOptions,
  ) {
    super("CONNECTION_LOST", CONNECTION_LOST_CODE, message, { ...options, data: { ...data } });
    this.name = "ConnectionLostError"; // a bundler may shorten the class's own
  }
}
