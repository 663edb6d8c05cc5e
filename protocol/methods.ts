// The table of methods and notifications: what each is for, takes, gives and may fail with. openrpc.ts makes the
// contract's document of it; the program does not need it.

import type * as z from "zod/mini";
import type { ErrorKind } from "./error-kinds.ts";
import {
  DiscoverParams,
  EmptyParams,
  ExecuteParams,
  HandleParams,
  InitializeParams,
  LoadParams,
  UnloadParams,
  ValidateParams,
} from "./messages.ts";
import {
  CancelParams,
  DiscoverResult,
  EmptyResult,
  ExitedParams,
  InitializeResult,
  ListResult,
  LoadResult,
  LogParams,
  Metadata,
  OpenRpcResult,
  OutputParams,
  ProgressParams,
  RefusedParams,
  ResultDocument,
  ValidateResult,
} from "./results.ts";
import type { NotificationName } from "./wanted.ts";

/** A notification as the contract describes it. */
export interface NotificationEntry {
  readonly summary: string;
  readonly description?: string;
  readonly params: z.ZodMiniObject;
}

/** A method as the contract describes it. */
export interface MethodEntry extends NotificationEntry {
  readonly result: z.ZodMiniObject;
  /** What it can fail with beside what every request can: see `commonErrors`. */
  readonly errors: readonly ErrorKind[];
}

/** What every request can fail with that was understood as one of its method. */
export const commonErrors: readonly ErrorKind[] = ["INVALID_PARAMS", "INTERNAL_ERROR", "OVERLOADED", "SHUTTING_DOWN"];

const loadErrors: readonly ErrorKind[] = [
  "PATH_NOT_FOUND",
  "UNTRUSTED_PATH",
  "INVALID_PLUGIN",
  "LIBRARY_NOT_FOUND",
  "LIBRARY_LOAD_FAILED",
  "SYMBOL_MISSING",
  "ABI_MISMATCH",
  "INVALID_METADATA",
  "INTEGRITY_FAILED",
  "SANDBOX_UNAVAILABLE",
  "WORKER_UNAVAILABLE",
  "RESOURCES_EXHAUSTED",
  "PLUGIN_CRASHED",
  "PLUGIN_TIMEOUT",
  "REQUEST_CANCELLED",
];

/** What a host can ask for; each is answered once (M6). */
export const methods = {
  initialize: {
    summary: "Says who the host is and what it wants to be told",
    description:
      "Optional. Where it is sent, it is the first request and is sent once (L1). Unknown members of its params are ignored.",
    params: InitializeParams,
    result: InitializeResult,
    errors: ["INVALID_REQUEST"],
  },
  "rpc.discover": {
    summary: "Gives this document",
    params: EmptyParams,
    result: OpenRpcResult,
    errors: [],
  },
  "plugin/discover": {
    summary: "Lists the plugins in the trusted directories",
    description: "Looks at each direct sub-directory that holds a plugin.json. No plugin code runs (D1).",
    params: DiscoverParams,
    result: DiscoverResult,
    errors: ["UNTRUSTED_PATH", "RESOURCES_EXHAUSTED"],
  },
  "plugin/validate": {
    summary: "Says everything that is wrong with a plugin",
    description: "The plugin need not be trusted, for no code of it runs (D1).",
    params: ValidateParams,
    result: ValidateResult,
    errors: ["RESOURCES_EXHAUSTED"],
  },
  "plugin/load": {
    summary: "Loads a plugin under a new handle",
    description: "Give exactly one of `path` and `name`. A load that fails leaves nothing behind (P3).",
    params: LoadParams,
    result: LoadResult,
    errors: loadErrors,
  },
  "plugin/metadata": {
    summary: "Says what a loaded plugin says of itself",
    description: "It is what vtcode_plugin_metadata reported when the library was loaded.",
    params: HandleParams,
    result: Metadata,
    errors: ["UNKNOWN_HANDLE"],
  },
  "plugin/execute": {
    summary: "Calls a loaded plugin",
    description:
      "Calls of one handle run in the order in which they arrive: one at a time, or where the plugin is thread-safe " +
      "several at once (E2). The result is the plugin's own document, as it wrote it (M5).",
    params: ExecuteParams,
    result: ResultDocument,
    errors: [
      "UNKNOWN_HANDLE",
      "PLUGIN_CRASHED",
      "PLUGIN_TIMEOUT",
      "INVALID_RESULT",
      "PLUGIN_QUARANTINED",
      "REQUEST_CANCELLED",
    ],
  },
  "plugin/list": {
    summary: "Lists the handles and what goes on behind them",
    params: EmptyParams,
    result: ListResult,
    errors: [],
  },
  "plugin/reload": {
    summary: "Loads a plugin's files anew under the same handle",
    description:
      "Calls received earlier finish on the old code, later ones run on the new. Where the new code does not load, the " +
      "old state stays. It ends a quarantine (E6).",
    params: HandleParams,
    result: LoadResult,
    errors: ["UNKNOWN_HANDLE", ...loadErrors],
  },
  "plugin/unload": {
    summary: "Ends a plugin and its handle",
    description:
      "Waits for the calls received earlier; `force` ends them. Answers once the plugin's process has ended.",
    params: UnloadParams,
    result: EmptyResult,
    errors: ["UNKNOWN_HANDLE"],
  },
  shutdown: {
    summary: "Ends all work",
    description: "Takes nothing new, lets calls finish for a while, unloads every plugin, then answers (L2).",
    params: EmptyParams,
    result: EmptyResult,
    errors: [],
  },
} as const satisfies Record<string, MethodEntry>;

/** What a host can say without being answered. */
export const hostNotifications = {
  "$/cancelRequest": {
    summary: "Ends a request before it is done",
    description: "plugin/execute, plugin/load and plugin/reload can be ended so; of anything else it is ignored (E4).",
    params: CancelParams,
  },
  exit: {
    summary: "Ends the process",
    description: "With status 0 behind `shutdown`, else with 1 (L2).",
    params: EmptyParams,
  },
} as const satisfies Record<string, NotificationEntry>;

/** What dlrpc says without being asked, where `initialize` wanted it (M8). */
export const notifications = {
  "plugin/log": {
    summary: "A plugin has written to stdout or stderr",
    description: "Wanted as `log`.",
    params: LogParams,
  },
  "plugin/exited": {
    summary: "The process of a loaded plugin has ended",
    description: "Wanted as `exited` (N2).",
    params: ExitedParams,
  },
  "plugin/refused": {
    summary: "A plugin was refused something",
    description: "Wanted as `refused`, where the load asks for `explain` (S22).",
    params: RefusedParams,
  },
  "$/progress": {
    summary: "A call with a progressToken begins, gets on, or ends",
    description: "Wanted as `progress` (N3, X3).",
    params: ProgressParams,
  },
  "plugin/output": {
    summary: "A plugin hands over a part of its result before the answer",
    description: "Wanted as `output`, or by the call's `partialResults` (X4).",
    params: OutputParams,
  },
} as const satisfies Record<NotificationName, NotificationEntry>;
