// The closed registry of errors (SPEC section 5): kind, code, when it occurs, and the hint that is true each time.

interface ErrorKindEntry {
  readonly code: number;
  /** When it occurs, as the contract's documents say it. */
  readonly when: string;
  /** What the reader can do, where that is the same each time; a particular error may say it better. */
  readonly hint?: string;
}

/** The kinds of errors. A published one is never removed: hosts decide on it. */
export const errorKinds = {
  PARSE_ERROR: {
    code: -32700,
    when: "The message is not UTF-8, or not JSON.",
    hint: "Send one UTF-8 JSON text per message.",
  },
  BAD_FRAME: {
    code: -32700,
    when: "The bytes are no frame: see W5.",
    hint: "Send `Content-Length: <bytes>`, an empty line and that many bytes; or one JSON text per line.",
  },
  INVALID_REQUEST: {
    code: -32600,
    when: "The message is JSON but no JSON-RPC 2.0 request, or `initialize` comes late or again.",
    hint: 'A request is {"jsonrpc":"2.0","id":…,"method":"…","params":{…}}.',
  },
  DUPLICATE_ID: {
    code: -32600,
    when: "A request with the same id waits for its answer.",
    hint: "Use an id again only after its response has arrived.",
  },
  MESSAGE_TOO_LARGE: {
    code: -32600,
    when: "The message is over the limit and was skipped.",
    hint: "Send less, or start dlrpc with a larger --max-message-bytes.",
  },
  METHOD_NOT_FOUND: {
    code: -32601,
    when: "There is no such method.",
    hint: "rpc.discover describes all methods; the result of initialize names them.",
  },
  INVALID_PARAMS: { code: -32602, when: "A member of params is missing, unknown or of a wrong form." },
  INTERNAL_ERROR: {
    code: -32603,
    when: "A defect of dlrpc.",
    hint: "This is a defect of dlrpc; its stderr has a stack trace.",
  },
  REQUEST_CANCELLED: { code: -32800, when: "`$/cancelRequest`, or `plugin/unload` with `force`, ended the request." },
  PATH_NOT_FOUND: { code: -32001, when: "There is no such directory, or no trusted plugin of that name." },
  UNTRUSTED_PATH: {
    code: -32002,
    when: "A directory or file lies outside every trusted directory, or others may write to it and must not.",
  },
  INVALID_PLUGIN: { code: -32003, when: "plugin.json is missing, unreadable or not in order." },
  LIBRARY_NOT_FOUND: { code: -32004, when: "The directory holds no library of a right name." },
  LIBRARY_LOAD_FAILED: {
    code: -32005,
    when: "The library is none, is for another platform, or the loader refused it.",
  },
  SYMBOL_MISSING: {
    code: -32006,
    when: "The library lacks functions of the ABI.",
    hint: "Export the named functions with C linkage and default visibility (see vtcode_plugin.h).",
  },
  ABI_MISMATCH: {
    code: -32007,
    when: "The plugin is built for another ABI version.",
    hint: "Build the plugin for ABI version 1 (see vtcode_plugin.h).",
  },
  INVALID_METADATA: {
    code: -32008,
    when: "The plugin describes itself with NULL, or with what is not UTF-8, not JSON or not in order.",
    hint: "vtcode_plugin_metadata must return a JSON object with name, description and version (strings).",
  },
  INTEGRITY_FAILED: {
    code: -32009,
    when: "A file does not have the hash that it must have, or a signature is missing or does not hold.",
    hint: "Install the plugin again from where it is published.",
  },
  SANDBOX_UNAVAILABLE: {
    code: -32010,
    when: "Something of the sandbox that was required cannot be enforced on this system.",
    hint: "Load without sandbox.require to run with the layers that exist.",
  },
  WORKER_UNAVAILABLE: {
    code: -32011,
    when: "The process that the plugin is to run in cannot be started: no worker fits, or the system refuses.",
  },
  RESOURCES_EXHAUSTED: {
    code: -32012,
    when: "dlrpc has as many handles as it may, or the system gives it no more descriptors, processes or memory.",
    hint: "Unload plugins that are not needed, or allow dlrpc more.",
  },
  UNKNOWN_HANDLE: {
    code: -32020,
    when: "There is no such handle, or not any more.",
    hint: "Use a handle that plugin/load returned and plugin/unload has not ended.",
  },
  PLUGIN_CRASHED: {
    code: -32021,
    when: "The plugin's process ended unasked, or along with another call.",
    hint: "The call may have had effects. dlrpc never repeats a call; see stderrTail and stdoutTail for the plugin's last words.",
  },
  PLUGIN_TIMEOUT: {
    code: -32022,
    when: "The deadline passed.",
    hint: "Allow more with timeoutMs, or mend the plugin.",
  },
  INVALID_RESULT: {
    code: -32023,
    when: "The plugin answered with NULL, or with what is not UTF-8, not JSON, too long or no result document.",
    hint: 'vtcode_plugin_execute must return {"success":bool,"output":{…},"error":string|null,"files":[string,…]}.',
  },
  OVERLOADED: {
    code: -32024,
    when: "Too many calls wait for the handle, or too many requests for their answers.",
    hint: "Wait for answers before sending more, or raise --max-pending.",
  },
  PLUGIN_QUARANTINED: {
    code: -32025,
    when: "The plugin crashed too often and is not started any more.",
    hint: "Mend the plugin, then call plugin/reload.",
  },
  SHUTTING_DOWN: { code: -32026, when: "dlrpc is about to end.", hint: "Start dlrpc again." },
} as const satisfies Record<string, ErrorKindEntry>;

/** The name of what went wrong, which is stable: `data.kind` of every error. */
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
