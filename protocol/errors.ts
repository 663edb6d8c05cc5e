// Owns the closed registry of errors (PROTOCOL section 5): kind, code, and the hint that is true whenever it occurs.

interface ErrorKindEntry {
  readonly code: number;
  /** What the reader can do, where that is the same each time; a particular error may say it better. */
  readonly hint?: string;
}

export const errorKinds = {
  PARSE_ERROR: { code: -32700, hint: "Send one UTF-8 JSON text per message." },
  BAD_FRAME: {
    code: -32700,
    hint: "Send `Content-Length: <bytes>`, an empty line and that many bytes; or one JSON text per line.",
  },
  INVALID_REQUEST: { code: -32600, hint: 'A request is {"jsonrpc":"2.0","id":…,"method":"…","params":{…}}.' },
  DUPLICATE_ID: { code: -32600, hint: "Use an id again only after its response has arrived." },
  MESSAGE_TOO_LARGE: { code: -32600, hint: "Send less, or start dlrpc with a larger --max-message-bytes." },
  METHOD_NOT_FOUND: { code: -32601 },
  INVALID_PARAMS: { code: -32602 },
  INTERNAL_ERROR: { code: -32603, hint: "This is a defect of dlrpc; its stderr has a stack trace." },
  REQUEST_CANCELLED: { code: -32800 },
  PATH_NOT_FOUND: { code: -32001 },
  UNTRUSTED_PATH: { code: -32002 },
  INVALID_PLUGIN: { code: -32003 },
  LIBRARY_NOT_FOUND: { code: -32004 },
  LIBRARY_LOAD_FAILED: { code: -32005 },
  SYMBOL_MISSING: {
    code: -32006,
    hint: "Export the named functions with C linkage and default visibility (see vtcode_plugin.h).",
  },
  ABI_MISMATCH: { code: -32007, hint: "Build the plugin for ABI version 1 (see vtcode_plugin.h)." },
  INVALID_METADATA: { code: -32008 },
  INTEGRITY_FAILED: { code: -32009, hint: "Install the plugin again from where it is published." },
  SANDBOX_UNAVAILABLE: { code: -32010, hint: "Load without sandbox.require to run with the layers that exist." },
  UNKNOWN_HANDLE: { code: -32020, hint: "Use a handle that plugin/load returned and plugin/unload has not ended." },
  PLUGIN_CRASHED: {
    code: -32021,
    hint: "The call may have had effects. dlrpc never repeats a call; see stderrTail for the plugin's last words.",
  },
  PLUGIN_TIMEOUT: { code: -32022, hint: "Allow more with timeoutMs, or mend the plugin." },
  INVALID_RESULT: {
    code: -32023,
    hint: 'vtcode_plugin_execute must return {"success":bool,"output":{…},"error":string|null,"files":[string,…]}.',
  },
  OVERLOADED: { code: -32024, hint: "Wait for answers before sending more, or raise --max-pending." },
  PLUGIN_QUARANTINED: { code: -32025, hint: "Mend the plugin, then call plugin/reload." },
  SHUTTING_DOWN: { code: -32026, hint: "Start dlrpc again." },
} as const satisfies Record<string, ErrorKindEntry>;

export type ErrorKind = keyof typeof errorKinds;

/** What `error.data` holds beside `kind`. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** The one error that reaches a host; anything else thrown is a defect and becomes INTERNAL_ERROR. */
export class DlrpcError extends Error {
  readonly kind: ErrorKind;
  readonly details: ErrorDetails;

  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message);
    this.name = "DlrpcError";
    this.kind = kind;
    this.details = details;
  }

  get code(): number {
    return errorKinds[this.kind].code;
  }

  /** The same error, saying more: `details` already there win. */
  with(details: ErrorDetails): DlrpcError {
    return new DlrpcError(this.kind, this.message, { ...details, ...this.details });
  }

  /** The `error` member of a response (M9). */
  toJSON(): { code: number; message: string; data: Record<string, unknown> } {
    const entry: ErrorKindEntry = errorKinds[this.kind];
    const hint = entry.hint === undefined ? {} : { hint: entry.hint };
    const data = { kind: this.kind, ...hint, ...this.details };
    return { code: entry.code, message: this.message, data: Object.assign(data, { kind: this.kind }) };
  }
}
