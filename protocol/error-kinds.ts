// The closed registry of errors (SPEC section 5). All that is said of a kind elsewhere is made of it: the table of SPEC, the
// contract's document, troubleshooting.md, the clients' classes, and the statuses of the command line.

import type { ErrorMember } from "./error-members.ts";

/** Whose doing it is, which the command line tells by its status. */
export type ErrorCategory = "usage" | "plugin" | "crash" | "ended" | "refused" | "defect";

type ErrorKindEntry = {
  readonly code: number;
  readonly category: ErrorCategory;
  /** When it occurs. */
  readonly when: string;
  /** What `data` may hold beside what every error may. */
  readonly data: readonly ErrorMember[];
} & (
  | {
      /** What the reader can do about it, true each time; a particular error may say it better. */
      readonly hint: string;
      /** What docs/troubleshooting.md says beside it. */
      readonly advice?: string;
    }
  | { readonly hint?: never; readonly advice: string }
);

/** The kinds of errors. A published one is never removed: hosts decide on it. */
export const errorKinds = {
  PARSE_ERROR: {
    code: -32700,
    category: "usage",
    when: "The message is not UTF-8, or not JSON.",
    hint: "Send one UTF-8 JSON text per message.",
    advice: "Its id could not be read, so the answer has the id null. The messages around it are not affected.",
    data: [],
  },
  BAD_FRAME: {
    code: -32700,
    category: "usage",
    when: "The bytes are no frame: see W5.",
    hint: "Send `Content-Length: <bytes>`, an empty line and that many bytes; or one JSON text per line.",
    advice:
      "`problem` says what was wrong. Most often a length was counted in characters where bytes were meant, or something " +
      "else was printed to the pipe. `--framing headers` or `--framing lines` rules out that dlrpc took one for the other.",
    data: ["problem"],
  },
  INVALID_REQUEST: {
    code: -32600,
    category: "usage",
    when: "The message is JSON but no JSON-RPC 2.0 request, or `initialize` comes late or again.",
    hint: 'A request is {"jsonrpc":"2.0","id":…,"method":"…","params":{…}}.',
    data: [],
  },
  DUPLICATE_ID: {
    code: -32600,
    category: "usage",
    when: "A request with the same id waits for its answer.",
    hint: "Use an id again only after its response has arrived.",
    data: [],
  },
  MESSAGE_TOO_LARGE: {
    code: -32600,
    category: "usage",
    when: "The message is over the limit and was skipped.",
    hint: "Send less, or start dlrpc with a larger --max-message-bytes.",
    data: ["limit", "size"],
  },
  METHOD_NOT_FOUND: {
    code: -32601,
    category: "usage",
    when: "There is no such method.",
    hint: "rpc.discover describes all methods; the result of initialize names them.",
    data: [],
  },
  INVALID_PARAMS: {
    code: -32602,
    category: "usage",
    when: "A member of params is missing, unknown or of a wrong form.",
    advice:
      "`issues` names every mistake by its place, and for an unknown member the nearest one that there is. " +
      "What each method takes is in [openrpc.json](../protocol/openrpc.json), and in the answer to `rpc.discover`.",
    data: ["issues", "supported"],
  },
  INTERNAL_ERROR: {
    code: -32603,
    category: "defect",
    when: "A defect of dlrpc.",
    hint: "This is a defect of dlrpc; its stderr has a stack trace.",
    advice: "Please report it with the stack trace, what was asked, and what `dlrpc --version` says.",
    data: [],
  },
  REQUEST_CANCELLED: {
    code: -32800,
    category: "ended",
    when: "`$/cancelRequest`, or `plugin/unload` with `force`, ended the request.",
    advice:
      "The host asked for it; nothing is to be mended. A call that ran may have had effects. Where its plugin was killed for it " +
      "and should not be, it has to look at `dlrpc_should_stop` ([progress.md](progress.md)), or the host has to give it " +
      "more time with `cancelGraceMs`.",
    data: [],
  },
  PATH_NOT_FOUND: {
    code: -32001,
    category: "plugin",
    when: "There is no such directory, or no trusted plugin of that name.",
    advice:
      "`searched` lists the directories in which a name was looked for. Give the plugin's directory as `path`, or trust the " +
      "directory that holds it with `--trust`. Relative paths begin at the workspace root, else where dlrpc was started.",
    data: ["searched"],
  },
  UNTRUSTED_PATH: {
    code: -32002,
    category: "refused",
    when: "A directory or file lies outside every trusted directory, or others may write to it and must not.",
    advice:
      "Outside: trust the directory that holds the plugin with `--trust`, in `DLRPC_TRUSTED_DIRS`, or move the plugin to " +
      "`~/.vtcode/plugins`. Links are followed first, so it is where a link leads that must be trusted. Others may write to it, " +
      "which only `--strict-permissions` refuses: the hint names the command that changes that.",
    data: [],
  },
  INVALID_PLUGIN: {
    code: -32003,
    category: "plugin",
    when: "plugin.json is missing, unreadable or not in order.",
    advice:
      "`issues` names every mistake in plugin.json. It is a JSON object with at least `name`, `description` and `version`, " +
      "strings all three; see [SPEC.md](../protocol/SPEC.md#7-plugins), A3. `dlrpc validate` shows all problems of a directory at " +
      "once, and so does `plugin/validate`.",
    data: ["issues"],
  },
  LIBRARY_NOT_FOUND: {
    code: -32004,
    category: "plugin",
    when: "The directory holds no library of a right name.",
    advice:
      "`tried` lists the names that were looked for, first in `lib/PLATFORM/` and then in the plugin's directory. Build the " +
      "library for this platform and put it there under one of them. For which platforms there are libraries the message says.",
    data: ["tried"],
  },
  LIBRARY_LOAD_FAILED: {
    code: -32005,
    category: "plugin",
    when: "The library is none, is for another platform, or the loader refused it.",
    advice:
      "`reason` says what it was ([SPEC.md](../protocol/SPEC.md#pluginload), P9): a library that is not there, or that the " +
      "profile does not let the plugin read (then `grant` is what to put into `sandbox`), a symbol or version that is missing, " +
      "another platform. `ldd` on the library shows what it needs (macOS: `otool -L`, Windows: `dumpbin /dependents`). See [sandbox.md](sandbox.md#a-library-that-is-not-found).",
    data: ["library", "reason", "needed", "grant", "symbol", "stderrTail", "stdoutTail"],
  },
  SYMBOL_MISSING: {
    code: -32006,
    category: "plugin",
    when: "The library lacks functions of the ABI.",
    hint: "Export the named functions with C linkage and default visibility (see vtcode_plugin.h).",
    advice:
      '`symbols` names them. In C++ they need `extern "C"`, in Rust `#[no_mangle]` and a crate of the type `cdylib`, in Go ' +
      "`//export` and `-buildmode=c-shared`. `nm -D` on the library lists what it exports (macOS: `nm -gU`, Windows: " +
      "`dumpbin /exports`).",
    data: ["symbol", "symbols", "stderrTail", "stdoutTail"],
  },
  ABI_MISMATCH: {
    code: -32007,
    category: "plugin",
    when: "The plugin is built for another ABI version.",
    hint: "Build the plugin for ABI version 1 (see vtcode_plugin.h).",
    advice: "`actual` is the plugin's, `expected` what dlrpc loads.",
    data: ["expected", "actual", "stderrTail", "stdoutTail"],
  },
  INVALID_METADATA: {
    code: -32008,
    category: "plugin",
    when: "The plugin describes itself with NULL, or with what is not UTF-8, not JSON or not in order.",
    hint: "vtcode_plugin_metadata must return a JSON object with name, description and version (strings).",
    advice: "`excerpt` is the beginning of what it returned, `issues` what is wrong with it.",
    data: ["issues", "excerpt", "stderrTail", "stdoutTail"],
  },
  INTEGRITY_FAILED: {
    code: -32009,
    category: "refused",
    when: "A file does not have the hash that it must have, or a signature is missing or does not hold.",
    hint: "Install the plugin again from where it is published.",
    advice:
      "`problem` says which file or signature it is, `expected` and `actual` are the hashes. An author who has built the library anew " +
      "runs `dlrpc sign` again. See [signing.md](signing.md).",
    data: ["expected", "actual", "problem"],
  },
  SANDBOX_UNAVAILABLE: {
    code: -32010,
    category: "refused",
    when: "Something of the sandbox that was required cannot be enforced on this system.",
    hint: "Load without sandbox.require to run with the layers that exist.",
    advice:
      "The message names the layer that is missing and why: on Linux an old kernel, one without Landlock, or a container that " +
      "forbids it. What each system enforces is in [platforms.md](platforms.md).",
    data: [],
  },
  WORKER_UNAVAILABLE: {
    code: -32011,
    category: "refused",
    when: "The process that the plugin is to run in cannot be started: no worker fits, or the system refuses.",
    advice:
      "The hint says which of two it is. No worker is there for this processor or C library: `dlrpc build-worker` compiles one, " +
      "which takes a C compiler. Or the system, or a sandbox around dlrpc, forbids what starting a process takes.",
    data: [],
  },
  RESOURCES_EXHAUSTED: {
    code: -32012,
    category: "refused",
    when: "dlrpc has as many handles as it may, or the system gives it no more descriptors, processes or memory.",
    hint: "Unload plugins that are not needed, or allow dlrpc more.",
    advice:
      "`resource` says of what: `handles` are bounded by `--max-handles`, descriptors, processes and memory by the system (`ulimit -a`, " +
      "on Linux the container, too; Windows has no such limits but its memory). What is loaded goes on working.",
    data: ["resource", "limit"],
  },
  UNKNOWN_HANDLE: {
    code: -32020,
    category: "plugin",
    when: "There is no such handle, or not any more.",
    hint: "Use a handle that plugin/load returned and plugin/unload has not ended.",
    advice:
      "After a restart of dlrpc all plugins have to be loaded again. A call that is sent before the answer to its `plugin/load` " +
      "has arrived has no handle yet.",
    data: [],
  },
  PLUGIN_CRASHED: {
    code: -32021,
    category: "crash",
    when: "The plugin's process ended unasked, or along with another call.",
    hint: "The call may have had effects. dlrpc never repeats a call; see stderrTail and stdoutTail for the plugin's last words.",
    advice:
      '`signal` or `exitCode` says how it ended, `stderrTail` and `stdoutTail` what it said last. With `reason: "memory"` it ' +
      'used more than `memoryMb`: ask for more, see [sandbox.md](sandbox.md#memory). With `reason: "temporary-files"` ' +
      "its `TMPDIR` held too much, see [sandbox.md](sandbox.md#temporary-files). With `sibling-timeout` or `sibling-cancelled` another call of the same process had to be " +
      "ended. The next call gets a fresh process. How to find the place of a crash: [crashes.md](crashes.md).",
    data: [
      "signal",
      "exitCode",
      "exception",
      "stderrTail",
      "stdoutTail",
      "sideEffectsUnknown",
      "operation",
      "reason",
      "address",
      "backtrace",
      "library",
      "integrity",
      "uptimeMs",
      "callsServed",
      "memoryMb",
      "usedMb",
      "resource",
      "actual",
      "limit",
      "receipt",
    ],
  },
  PLUGIN_TIMEOUT: {
    code: -32022,
    category: "ended",
    when: "The deadline passed.",
    hint: "Allow more with timeoutMs, or mend the plugin.",
    advice:
      "The call may have had effects. A plugin that looks at `dlrpc_should_stop` keeps its process when it is too late " +
      "([progress.md](progress.md)). A load takes too long where constructors or `vtcode_plugin_metadata` do.",
    data: ["timeoutMs", "stderrTail", "stdoutTail", "sideEffectsUnknown", "receipt"],
  },
  INVALID_RESULT: {
    code: -32023,
    category: "plugin",
    when: "The plugin answered with NULL, or with what is not UTF-8, not JSON, too long or no result document.",
    hint: 'vtcode_plugin_execute must return {"success":bool,"output":{…},"error":string|null,"files":[string,…]}.',
    advice:
      "`problem` says what is wrong, `excerpt` is the beginning of the answer. Most often a string was not escaped, or " +
      "`output` is no object. With `--portable-json` also what other parsers do not read.",
    data: ["problem", "excerpt"],
  },
  OVERLOADED: {
    code: -32024,
    category: "refused",
    when: "Too many calls wait for the handle, or too many requests for their answers.",
    hint: "Wait for answers before sending more, or raise --max-pending.",
    advice:
      "The request was not begun and can be sent again; but where the answer to a batch became too large for it, it was " +
      "carried out.",
    data: [],
  },
  PLUGIN_QUARANTINED: {
    code: -32025,
    category: "crash",
    when: "The plugin crashed too often and is not started any more.",
    hint: "Mend the plugin, then call plugin/reload.",
    advice: "Three crashes within a minute lead to it. The errors of the kind `PLUGIN_CRASHED` before it say why.",
    data: [],
  },
  SHUTTING_DOWN: {
    code: -32026,
    category: "ended",
    when: "dlrpc is about to end.",
    hint: "Start dlrpc again.",
    advice: "A call that ran and was ended for it may have had effects.",
    data: [],
  },
} as const satisfies Record<string, ErrorKindEntry>;

/** The name of what went wrong, which is stable: `data.kind` of every error. */
export type ErrorKind = keyof typeof errorKinds;

/** The name of the clients' class: PLUGIN_CRASHED → PluginCrashedError, PARSE_ERROR → ParseError. */
export function errorClassName(kind: string): string {
  const words = kind.replace(/_ERROR$/, "").split("_");
  return `${words.map((word) => word.charAt(0) + word.slice(1).toLowerCase()).join("")}Error`;
}
