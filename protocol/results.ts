// What a host gets back: the results of every method, and the notifications (SPEC section 4). dlrpc makes them
// itself and does not check them: the program uses the types, the document the schemas.

import * as z from "zod/mini";
import { PluginMetadata } from "./abi.ts";
import { ABI_VERSION } from "./abi-symbols.ts";
import { about, named, raw } from "./documentation.ts";
import { PROTOCOL_VERSION } from "./fast-path.ts";
import { Handle, isolation } from "./handle.ts";
import { NeededGrants, Permissions, sandboxProfile } from "./sandbox.ts";

const count = () => z.int().check(z.nonnegative());
const permissions = () =>
  about("What its plugin.json says that it needs (S7); null where it says nothing.", z.nullable(Permissions));

export const Metadata = named(
  "Metadata",
  "What a plugin says of itself. Optional members that it left out are filled in; unknown ones are kept.",
  z.required(PluginMetadata),
);

/** What vtcode_plugin_execute returned (A4), passed on as it was written. */
export const ResultDocument = named(
  "ResultDocument",
  "The plugin's own document, as it wrote it (M5). `success: false` is a normal response, not an error.",
  z.looseObject({
    success: about("Whether the plugin did what it was asked for.", z.boolean()),
    output: about("What came of it; its members are the plugin's own.", z.record(z.string(), z.unknown())),
    error: about("What went wrong, in words; null where the plugin left it out.", z.nullable(z.string())),
    files: about("The files that the plugin wrote or means.", z.array(z.string())),
  }),
);

/** Something about a plugin that its author or user should know. */
export const Problem = named(
  "Problem",
  "Something about a plugin that its author or user should know (D3).",
  z.object({
    code: about("The kind of the error that a load would fail with, or a warning's own name.", z.string()),
    severity: about("An error keeps the plugin from loading, a warning does not.", z.enum(["error", "warning"])),
    message: about("What was found and what is needed, in words.", z.string()),
    hint: about("What the reader can do about it.", z.optional(z.string())),
  }),
);
export type Problem = Readonly<z.infer<typeof Problem>>;

/** What a method gives that has nothing to say. */
export const EmptyResult = z.strictObject({});

/** What dlrpc says of itself at the start (L1). Times are in milliseconds, sizes in bytes. */
export const InitializeResult = z.object({
  protocolVersion: about("The version of this protocol that dlrpc speaks.", z.literal(PROTOCOL_VERSION)),
  serverInfo: about(
    "What answers.",
    z.object({
      name: about("The name of the program.", z.literal("dlrpc")),
      version: about("The version of the program.", z.string()),
    }),
  ),
  abiVersions: about("The plugin ABIs that can be loaded.", z.array(z.int())),
  platform: about("Operating system and architecture, for which libraries must be built: `linux-x64`.", z.string()),
  trustedDirs: about("The trusted directories that exist, canonical, in the order of T1.", z.array(z.string())),
  limits: about(
    "What dlrpc was started with.",
    z.object({
      maxMessageBytes: about("The largest message, and the largest string of a plugin (W4, E8).", count()),
      maxPending: about("How many calls may wait per handle (E7).", count()),
      concurrency: about("How many calls of a thread-safe plugin run at once (E2).", count()),
      timeoutMs: about("The deadline where neither call nor load gives one (E3); null: none.", z.nullable(count())),
      drainMs: about("How long calls may go on after the end was asked for (L2).", count()),
      cancelGraceMs: about("How long calls may go on that are to stop, where they say nothing of it (X7).", count()),
    }),
  ),
  sandbox: about(
    "How plugins can be confined on this system.",
    z.object({ layers: about("The layers that exist here (S1); none on some systems.", z.array(z.string())) }),
  ),
  methods: about("The methods that can be called.", z.array(z.string())),
});
export type InitializeResult = z.infer<typeof InitializeResult>;

/** What plugin/load and plugin/reload give: the plugin under its handle, and what confines it. */
export const LoadResult = z.object({
  handle: Handle,
  metadata: raw(Metadata),
  path: about("The plugin's directory, canonical.", z.string()),
  library: about("The library file, canonical.", z.string()),
  abiVersion: about("The plugin's ABI.", z.literal(ABI_VERSION)),
  isolation: about("Where it runs.", isolation()),
  sandbox: about(
    "What confines the plugin in effect, whatever was asked for.",
    z.object({
      profile: about("The profile that it was started with.", sandboxProfile()),
      layers: about("The layers in effect, as the kernel answered (S1).", z.array(z.string())),
    }),
  ),
  integrity: about("The hash of the bytes that were loaded: `sha256-` and base64.", z.string()),
  signature: about(
    "Who signed the plugin; null where no signature by a known key covers plugin.json and the library (T6).",
    z.nullable(
      z.object({
        keyId: about("The key's number, as minisign shows it: 16 hexadecimal digits.", z.string()),
        comment: about("The signature's trusted comment.", z.string()),
      }),
    ),
  ),
  warnings: about("What is unusual about the plugin (D3).", z.readonly(z.array(Problem))),
});
export type LoadResult = z.infer<typeof LoadResult>;

const refusal = () => ({
  call: about("The system call; `memory` where the plugin used more than it may.", z.string()),
  subject: about(
    "What it was about: a canonical path, the sort of a socket, …; empty where the call says it all.",
    z.string(),
  ),
  access: about("What it would have done to a file: `read`, `write`, `create`, …; else null.", z.nullable(z.string())),
  grant: about("The least that would allow it (S21); null where no grant does.", z.nullable(NeededGrants)),
});

export const Refusal = named("Refusal", "Something that a plugin was refused.", z.object(refusal()));
export type Refusal = Readonly<z.infer<typeof Refusal>>;

export const Explained = named(
  "Explained",
  "What a plugin was refused, and what it would take (S21).",
  z.object({
    refusals: about("Each once, in the order in which they were first met; at most 256.", z.array(Refusal)),
    leftOut: about("How many there were beyond these, repeated ones too.", count()),
    grants: NeededGrants,
  }),
);
export type Explained = z.infer<typeof Explained>;

export const ListedPlugin = named(
  "ListedPlugin",
  "A handle and what goes on behind it.",
  z.object({
    handle: Handle,
    name: about("The plugin's name, from its metadata.", z.string()),
    version: about("The plugin's version, from its metadata.", z.string()),
    path: about("The plugin's directory, canonical.", z.string()),
    state: about(
      "`ready`, `restarting` after its process ended, or `quarantined` until plugin/reload (E6).",
      z.enum(["ready", "restarting", "quarantined"]),
    ),
    isolation: about("Where it runs.", isolation()),
    permissions: permissions(),
    explained: about("Where the load asked for `explain` (S21).", z.optional(Explained)),
    pid: about("The plugin's process; null while there is none.", z.nullable(z.int())),
    running: about("How many calls run.", count()),
    queued: about("How many calls wait.", count()),
    stats: about(
      "Figures since the load.",
      z.object({
        calls: about("Calls that were begun.", count()),
        errors: about("Begun calls that were answered with an error.", count()),
        crashes: about("How often its process ended unasked.", count()),
        restarts: about("How often its process was started again.", count()),
        timeouts: about("Calls that met their deadline.", count()),
        discarded: about("Answers of calls that had been told to stop, and stopped in time (X7).", count()),
        p50Ms: about(
          "The time that half of the finished calls stayed below; null before the first.",
          z.nullable(z.number()),
        ),
        p99Ms: about(
          "The time that 99 of 100 finished calls stayed below; null before the first.",
          z.nullable(z.number()),
        ),
        rssBytes: about("The memory of its process, in bytes; null where that is not known.", z.nullable(count())),
      }),
    ),
  }),
);
export type ListedPlugin = z.infer<typeof ListedPlugin>;

/** What plugin/list gives. */
export const ListResult = z.object({
  plugins: about("Every handle, in the order of the loads.", z.array(ListedPlugin)),
});

export const DiscoveredPlugin = named(
  "DiscoveredPlugin",
  "A plugin on disk.",
  z.object({
    path: about("The plugin's directory, canonical.", z.string()),
    library: about("The library file, canonical; null where there is none.", z.nullable(z.string())),
    metadata: about(
      "What plugin.json says, filled in as metadata is; null where it is not in order.",
      z.nullable(raw(Metadata)),
    ),
    permissions: permissions(),
    valid: about("Whether there are no errors among the problems.", z.boolean()),
    problems: about("All that was found.", z.readonly(z.array(Problem))),
  }),
);
export type DiscoveredPlugin = z.infer<typeof DiscoveredPlugin>;

/** What plugin/discover gives (D1, D2). */
export const DiscoverResult = z.object({
  plugins: about("By directory in the given order, then by name.", z.array(DiscoveredPlugin)),
});

/** What plugin/validate gives (D3). */
export const ValidateResult = z.object({
  valid: about("Whether there are no errors among the problems.", z.boolean()),
  permissions: permissions(),
  problems: about("All that was found, errors and warnings.", z.array(Problem)),
});

const OutputStream = z.enum(["stdout", "stderr"]);
/** Where a plugin wrote something. */
export type OutputStream = z.infer<typeof OutputStream>;

const ExitReason = z.enum(["crash", "timeout", "cancelled", "unload", "reload", "shutdown"]);
/** Why a plugin's process ended. */
export type ExitReason = z.infer<typeof ExitReason>;

const LogLevel = z.enum(["error", "warn", "info", "debug"]);
/** How much something matters that a plugin says. */
export type LogLevel = z.infer<typeof LogLevel>;

const MessageId = z.union([z.string(), z.number(), z.null()]);

/** A plugin has printed or logged something (N1). */
export const LogParams = z.object({
  handle: Handle,
  stream: about(
    "Where the plugin wrote to; `log` for what it says by the table of dlrpc_plugin.h (X6).",
    z.enum([...OutputStream.options, "log"]),
  ),
  level: about("How much that matters; of `log` only.", z.optional(LogLevel)),
  text: about("What it wrote, in pieces of any size.", z.string()),
  requestId: about(
    "The id of the call that ran, as it was written, where exactly one did; of `log` the one that said it.",
    z.optional(raw(MessageId)),
  ),
  droppedBytes: about("How much was lost before this text, because the host did not read.", z.optional(count())),
});
export type LogParams = z.infer<typeof LogParams>;

/** The process of a loaded plugin has ended (N2). */
export const ExitedParams = z.object({
  handle: Handle,
  signal: about("The signal that ended the process, by its name; null where none did.", z.nullable(z.string())),
  exitCode: about("The status that the process ended with; null where a signal ended it.", z.nullable(z.int())),
  reason: about("Why it ended; all but `crash` were asked for.", ExitReason),
  willRestart: about("Whether a fresh process takes its place.", z.boolean()),
});
export type ExitedParams = z.infer<typeof ExitedParams>;

/** A plugin was refused something (S22). */
export const RefusedParams = z.object({ handle: Handle, ...refusal() });
export type RefusedParams = z.infer<typeof RefusedParams>;

const progressReport = () => ({
  percentage: about(
    "How much is done, from 0 to 100; of `report`, where it is known.",
    z.optional(z.int().check(z.gte(0), z.lte(100))),
  ),
  message: about("What the plugin says of it; of `report`.", z.optional(z.string())),
  done: about("How much is done, in a unit of the plugin's own; of `report`.", z.optional(z.number())),
  total: about("How much that is of; of `report`, where it is known.", z.optional(z.number())),
});

const ProgressReport = z.object(progressReport());
/** How far a call is, as its plugin says (X3). */
export type ProgressReport = z.infer<typeof ProgressReport>;

/** A call begins, gets on, or ends (N3). */
export const ProgressParams = z.object({
  token: about("The progressToken of the call.", z.union([z.string(), z.int()])),
  value: about(
    "`begin`: the call leaves the queue. `report`: how far the plugin says that it is (X3). `end`: it is answered next.",
    z.object({ kind: about("Which of the three it is.", z.enum(["begin", "report", "end"])), ...progressReport() }),
  ),
});
export type ProgressParams = z.infer<typeof ProgressParams>;

/** A part of a result, before the answer (X4). */
export const OutputParams = z.object({
  requestId: about("The id of the call, as it was written.", raw(MessageId)),
  value: about("What the plugin handed over, as it wrote it (M5).", raw(z.unknown())),
});

/** Which request is to end (E4). */
export const CancelParams = z.object({
  id: about("The id of the request, exactly as it was written (M3).", MessageId),
});

/** What rpc.discover gives: the document that openrpc.ts makes. */
export const OpenRpcResult = z.looseObject({
  openrpc: about("The version of OpenRPC.", z.string()),
  info: about(
    "What the document is of.",
    z.looseObject({
      title: about("The name of the protocol.", z.string()),
      version: about("The version of the protocol.", z.string()),
    }),
  ),
  methods: about("Every method.", z.array(z.looseObject({ name: about("What to call it by.", z.string()) }))),
});
