// Owns the params and results of every method and notification (PROTOCOL sections 3 and 4).

import * as z from "zod/mini";
import { namePattern } from "./abi.ts";
import { RawJson } from "./raw.ts";

export const PROTOCOL_VERSION = 1;

/** A JSON object that passes through as the text that was written (M5). */
const RawObject = z.custom<RawJson>((value) => value instanceof RawJson && value.isObject, "must be an object");
/** The members of params that stay raw; all others are parsed. */
export const rawMembers: ReadonlySet<string> = new Set(["input", "config"]);

const Milliseconds = z.int().check(z.positive(), z.lte(0x7fffffff));
const WorkspaceRoot = z.optional(z.nullable(z.string()));
const Handle = z.string();

export const Isolation = z.enum(["process", "inline"]);
export type Isolation = z.infer<typeof Isolation>;

export const Sandbox = z.strictObject({
  profile: z.optional(z.enum(["none", "standard", "strict"])),
  network: z.optional(z.boolean()),
  exec: z.optional(z.boolean()),
  read: z.optional(z.array(z.string())),
  write: z.optional(z.array(z.string())),
  memoryMb: z.optional(z.int().check(z.positive())),
  require: z.optional(z.boolean()),
});
export type Sandbox = z.infer<typeof Sandbox>;

/** Unknown members are ignored here and nowhere else: LSP client libraries send their own (L1). */
export const InitializeParams = z.object({
  protocolVersion: z.optional(z.int()),
  clientInfo: z.optional(z.nullable(z.object({ name: z.string(), version: z.optional(z.string()) }))),
  processId: z.optional(z.nullable(z.int().check(z.positive()))),
  workspaceRoot: WorkspaceRoot,
  trustedDirs: z.optional(z.array(z.string())),
  notifications: z.optional(z.array(z.enum(["log", "exited", "progress"]))),
});
export type InitializeParams = z.infer<typeof InitializeParams>;

export const EmptyParams = z.strictObject({});
export const HandleParams = z.strictObject({ handle: Handle });

export const LoadParams = z.strictObject({
  path: z.optional(z.string().check(z.minLength(1))),
  name: z.optional(z.string().check(z.regex(namePattern, "must be a plugin's name, not a path (use `path` for that)"))),
  config: z.optional(RawObject),
  timeoutMs: z.optional(Milliseconds),
  isolation: z.optional(Isolation),
  sandbox: z.optional(Sandbox),
  integrity: z.optional(z.string().check(z.regex(/^sha256-[A-Za-z0-9+/]{43}=$/, "must be sha256-<base64>"))),
});
export type LoadParams = z.infer<typeof LoadParams>;

export const ExecuteParams = z.strictObject({
  handle: Handle,
  input: z.optional(RawObject),
  workspaceRoot: WorkspaceRoot,
  config: z.optional(RawObject),
  timeoutMs: z.optional(Milliseconds),
  progressToken: z.optional(z.union([z.string(), z.int()])),
});
export type ExecuteParams = z.infer<typeof ExecuteParams>;

export const UnloadParams = z.strictObject({ handle: Handle, force: z.optional(z.boolean()) });
export const DiscoverParams = z.strictObject({ dirs: z.optional(z.array(z.string())) });
export const ValidateParams = z.strictObject({ path: z.string().check(z.minLength(1)) });

/** Something about a plugin that its author or user should know; `code` is an error kind or a warning's own name. */
export interface Problem {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly hint?: string;
}

export interface InitializeResult {
  protocolVersion: typeof PROTOCOL_VERSION;
  serverInfo: { name: "dlrpc"; version: string };
  abiVersions: number[];
  platform: string;
  trustedDirs: string[];
  limits: {
    maxMessageBytes: number;
    maxPending: number;
    concurrency: number;
    timeoutMs: number | null;
    drainMs: number;
  };
  sandbox: { layers: string[] };
  methods: string[];
}

export interface LoadResult {
  handle: string;
  metadata: RawJson;
  path: string;
  library: string;
  abiVersion: number;
  isolation: Isolation;
  sandbox: { profile: "none"; layers: string[] };
  integrity: string;
  signature: null;
  warnings: readonly Problem[];
}

export interface ListedPlugin {
  handle: string;
  name: string;
  version: string;
  path: string;
  state: "ready" | "restarting" | "quarantined";
  isolation: Isolation;
  pid: number | null;
  running: number;
  queued: number;
  stats: {
    calls: number;
    errors: number;
    crashes: number;
    restarts: number;
    timeouts: number;
    p50Ms: number | null;
    p99Ms: number | null;
    rssBytes: number | null;
  };
}

export interface DiscoveredPlugin {
  path: string;
  library: string | null;
  metadata: RawJson | null;
  valid: boolean;
  problems: readonly Problem[];
}

export type OutputStream = "stdout" | "stderr";

/** Why a plugin's process ended. */
export type ExitReason = "crash" | "timeout" | "cancelled" | "unload" | "reload" | "shutdown";

export interface LogParams {
  handle: string;
  stream: OutputStream;
  text: string;
  requestId?: RawJson;
  droppedBytes?: number;
}

export interface ExitedParams {
  handle: string;
  signal: string | null;
  exitCode: number | null;
  reason: ExitReason;
  willRestart: boolean;
}
