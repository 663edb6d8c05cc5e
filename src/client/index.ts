// What `dlrpc/client` exports: a typed client that starts dlrpc and calls plugins through it.

export type { PluginMetadata } from "../../protocol/abi.ts";
export type { ErrorKind } from "../../protocol/error-kinds.ts";
export type {
  ExitReason,
  InitializeResult,
  ListedPlugin,
  LogLevel,
  OutputStream,
  Permissions,
  Problem,
  Sandbox,
} from "../../protocol/messages.ts";
export * from "./errors/errors.ts";
export type { DlrpcHost, HostEvents, RestartedEvent, RestartingEvent } from "./host.ts";
export type * from "./methods.ts";
export type { ExecuteOptions, LoadOptions, Plugin, StreamOptions } from "./plugin.ts";
export type { ProgramExit } from "./process/program.ts";
export type { RestartOptions } from "./process/restart-record.ts";
export { type SpawnOptions, spawnDlrpc } from "./process/spawn.ts";
export type { PluginStream } from "./stream.ts";
