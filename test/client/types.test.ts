// The types of the client. It is `tsc` that checks them: nothing here is called.

import {
  ConnectionLostError,
  DlrpcError,
  type DlrpcHost,
  type ExitedEvent,
  type JsonObject,
  type JsonValue,
  type LoadOptions,
  type LogEvent,
  type LogLevel,
  type Metadata,
  type Methods,
  type PlainParams,
  type Plugin,
  PluginCrashedError,
  type PluginResult,
  type PluginStream,
  type ProgramExit,
  type SpawnOptions,
  type Validation,
} from "dlrpc/client";
import { expectTypeOf, test } from "vitest";
import type * as z from "zod/mini";
import type { methods } from "../../protocol/methods.ts";
import type { ResultDocument, ValidateResult } from "../../protocol/results.ts";

const host = {} as DlrpcHost;
const plugin = {} as Plugin;

test("load takes exactly one of path and name, and no raw JSON", () => {
  expectTypeOf<{ path: string; config: { depth: number }; timeoutMs: number }>().toExtend<LoadOptions>();
  expectTypeOf<{ name: string; sandbox: { profile: "strict"; write: string[] } }>().toExtend<LoadOptions>();
  expectTypeOf<{ path: string; name: string }>().not.toExtend<LoadOptions>();
  expectTypeOf<{ config: object }>().not.toExtend<LoadOptions>();
  expectTypeOf<{ name: string; isolation: "thread" }>().not.toExtend<LoadOptions>();
  expectTypeOf<LoadOptions["config"]>().toEqualTypeOf<object | undefined>();
  expectTypeOf<typeof host.load>().returns.resolves.toEqualTypeOf<Plugin>();
});

test("options may be undefined", () => {
  expectTypeOf<{ cwd: undefined; trust: undefined; workspaceRoot: undefined }>().toExtend<SpawnOptions>();
  expectTypeOf<{ trust: readonly ["a"]; command: readonly ["ssh", "box", "dlrpc"] }>().toExtend<SpawnOptions>();
  expectTypeOf<{ command: readonly [] }>().not.toExtend<SpawnOptions>();
});

test("metadata is filled in and keeps what is unknown", () => {
  expectTypeOf<Metadata["name"]>().toEqualTypeOf<string>();
  expectTypeOf<Metadata["author"]>().toEqualTypeOf<string | null>();
  expectTypeOf<Metadata["thread_safe"]>().toEqualTypeOf<boolean>();
  expectTypeOf<Metadata["homepage"]>().toEqualTypeOf<unknown>();
});

test("a result's output is JSON, or what the caller knows it to be", () => {
  expectTypeOf(plugin.execute).toBeCallableWith();
  expectTypeOf(() => plugin.execute()).returns.resolves.toEqualTypeOf<PluginResult<JsonObject>>();
  expectTypeOf<z.infer<typeof ResultDocument>>().toExtend<PluginResult<Record<string, unknown>>>();
  interface Found {
    matches: string[];
  }
  expectTypeOf(() => plugin.execute<Found>({ pattern: "x" })).returns.resolves.toEqualTypeOf<PluginResult<Found>>();
  // @ts-expect-error: a call does not choose the plugin
  expectTypeOf(plugin.execute).toBeCallableWith({}, { handle: "other" });
});

test("partial results are JSON, or what the caller knows them to be; a stream has them, and the result", () => {
  interface Hit {
    line: number;
  }
  const hit = (_: Hit) => {};
  expectTypeOf(() => plugin.execute({}, { onOutput: hit })).returns.resolves.toEqualTypeOf<PluginResult<JsonObject>>();
  expectTypeOf(() => plugin.stream()).returns.toEqualTypeOf<PluginStream<JsonValue, JsonObject>>();
  expectTypeOf(() => plugin.stream<Hit>({})).returns.toExtend<AsyncIterable<Hit>>();
  expectTypeOf<PluginStream<Hit, JsonObject>["result"]>().resolves.toEqualTypeOf<PluginResult<JsonObject>>();
  // @ts-expect-error: a stream's partial results are its own
  expectTypeOf(plugin.stream).toBeCallableWith({}, { onOutput: hit });
  // @ts-expect-error: onOutput and stream ask for them
  expectTypeOf(plugin.execute).toBeCallableWith({}, { partialResults: true });
});

test("methods are those of the protocol, with its params", () => {
  type Protocol = typeof methods;
  type Params<Method extends keyof Protocol> = PlainParams<z.infer<Protocol[Method]["params"]>>;
  expectTypeOf<keyof Methods>().toEqualTypeOf<keyof Protocol>();
  expectTypeOf<{ [Method in keyof Methods]: Methods[Method]["params"] }>().toEqualTypeOf<{
    -readonly [Method in keyof Protocol]: Params<Method>;
  }>();
  expectTypeOf(() => host.request("plugin/metadata", { handle: "" })).returns.resolves.toEqualTypeOf<Metadata>();
  // @ts-expect-error: there is no such method
  expectTypeOf(host.request).toBeCallableWith("plugin/lod", {});
});

test("events have their types", () => {
  expectTypeOf(host.on<"log">)
    .parameter(1)
    .toBeCallableWith({} as LogEvent);
  host satisfies { on(event: "exited", listener: (event: ExitedEvent) => void): unknown };
  host satisfies { on(event: "exit", listener: (exit: ProgramExit) => void): unknown };
  expectTypeOf<LogEvent["level"]>().toEqualTypeOf<LogLevel | undefined>();
  expectTypeOf<LogEvent["requestId"]>().toEqualTypeOf<string | number | undefined>();
});

test("an error's class says what its data holds", () => {
  const error: unknown = new PluginCrashedError("");
  if (error instanceof PluginCrashedError) {
    expectTypeOf(error.kind).toEqualTypeOf<"PLUGIN_CRASHED">();
    expectTypeOf(error.data.stderrTail).toEqualTypeOf<string>();
    expectTypeOf(error).toExtend<DlrpcError>();
  }
  if (error instanceof ConnectionLostError) expectTypeOf(error.data.command).toEqualTypeOf<string>();
  if (error instanceof DlrpcError) {
    expectTypeOf(error.code).toEqualTypeOf<number>();
    expectTypeOf(error.hint).toEqualTypeOf<string | undefined>();
    expectTypeOf(error.data.anything).toEqualTypeOf<unknown>();
  }
});

test("a switch on an error's kind says what its data holds", () => {
  const error: unknown = new PluginCrashedError("");
  if (!(error instanceof DlrpcError)) return;
  switch (error.kind) {
    case "PLUGIN_CRASHED":
      expectTypeOf(error.data.signal).toEqualTypeOf<string | null>();
      expectTypeOf(error.data.callsServed).toEqualTypeOf<number | undefined>();
      break;
    case "PATH_NOT_FOUND":
      expectTypeOf(error.data.searched).toEqualTypeOf<string[] | undefined>();
      break;
    case "CONNECTION_LOST":
      expectTypeOf(error.data.sideEffectsUnknown).toEqualTypeOf<boolean>();
      expectTypeOf(error).toExtend<ConnectionLostError>();
      break;
    case "OVERLOADED":
    case "SHUTTING_DOWN":
      expectTypeOf(error.data.hint).toEqualTypeOf<string | undefined>();
      break;
    // @ts-expect-error: there is no such kind
    case "PLUGIN_CRASHD":
      break;
    case "UNKNOWN_KIND":
      expectTypeOf(error.data.kind).toEqualTypeOf<string>();
      expectTypeOf(error.data.signal).toEqualTypeOf<unknown>();
  }
});

test("what plugin.json asks for is among what validate finds", () => {
  expectTypeOf<z.infer<typeof ValidateResult>>().toExtend<Validation>();
  expectTypeOf<NonNullable<Validation["permissions"]>["network"]>().toEqualTypeOf<boolean | undefined>();
});
