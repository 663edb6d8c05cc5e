// Owns loading a plugin into a fresh executor: send the library, wait for its metadata, a failure, an end or a deadline.

import * as z from "zod/mini";
import { DlrpcError } from "../../protocol/errors.ts";
import type { Report } from "../confinement/report.ts";
import type { PluginFiles } from "../plugins/examine.ts";
import { type Metadata, requireMetadata } from "../plugins/metadata.ts";
import { FrameKind } from "../worker/frames.ts";
import { crashError } from "./call-errors.ts";
import { copyLibraries } from "./copy-libraries.ts";
import { type Executor, type ExecutorEnd, nobody } from "./executor.ts";

/** No worker says more of a library that does not load. */
const LONGEST_FAILURE = 64 * 1024;
const LONGEST_MESSAGE = 4096;

/** What a worker says of it: unknown members are left out, so that a forged one says nothing of other plugins. */
const LoadFailure = z.object({
  kind: z.enum(["LIBRARY_LOAD_FAILED", "SYMBOL_MISSING", "ABI_MISMATCH", "INVALID_METADATA", "INTERNAL_ERROR"]),
  message: z.string(),
  details: z.object({
    hint: z.optional(z.string()),
    symbol: z.optional(z.string()),
    symbols: z.optional(z.array(z.string())),
    expected: z.optional(z.number()),
    actual: z.optional(z.number()),
  }),
});

/** Code of a library runs before it can be asked anything; where nobody said how long it may, it is this. */
export const START_DEADLINE_MS = 30_000;

export interface StartOptions {
  /** Milliseconds for opening the library and asking it for its metadata. */
  timeoutMs: number;
  /** How many calls may run in it at once where it says that it is thread-safe. */
  concurrency: number;
  /** Judges how the executor is confined. @throws DlrpcError to refuse the load */
  accept: (report: Report) => void;
  /** Ends the load; the reason is the error that it is answered with. */
  cancelled: AbortSignal;
}

type LoadFrame = Pick<Frame, "kind" | "payload">;

/**
 * Loads a library into an executor that has loaded nothing yet. On failure the executor is ended.
 * @param files holds the bytes to load (T4)
 * @throws DlrpcError what is wrong with the plugin; PLUGIN_TIMEOUT, PLUGIN_CRASHED, REQUEST_CANCELLED
 */
export async function startPlugin(executor: Executor, files: PluginFiles, options: StartOptions): Promise<Metadata> {
  try {
    options.accept(executor.report);
    const load = await loadFrame(executor, files);
    const frame = await firstFrame(executor, files, load, options);
    if (frame.kind !== FrameKind.loaded) throw loadError(frame.payload);
    const metadata = requireMetadata(frame.payload);
    executor.send(FrameKind.serve, metadata.threadSafe ? options.concurrency : 1, []);
    return metadata;
  } catch (error) {
    executor.kill();
    throw error instanceof DlrpcError ? error.with({ plugin: files.manifest.name, path: files.path }) : error;
  } finally {
    executor.listener = nobody;
  }
}

interface Frame {
  readonly kind: number;
  readonly payload: Buffer;
}

/** From memory where that will do; a library that needs others beside it, from a copy that has them. */
async function loadFrame({ directory }: Executor, { library, together }: PluginFiles): Promise<LoadFrame> {
  if (together.length === 0) return { kind: FrameKind.load, payload: library.bytes };
  return { kind: FrameKind.loadFrom, payload: Buffer.from(await copyLibraries(together, directory)) };
}

function firstFrame(
  executor: Executor,
  files: PluginFiles,
  { kind, payload }: LoadFrame,
  { timeoutMs, cancelled }: StartOptions,
): Promise<Frame> {
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    const cancel = () => settle(() => reject(cancelled.reason));
    const deadline = setTimeout(() => settle(() => reject(loadTimeout(timeoutMs))), timeoutMs);
    const settle = (action: () => void) => {
      clearTimeout(deadline);
      cancelled.removeEventListener("abort", cancel);
      action();
    };
    if (cancelled.aborted) return cancel();
    cancelled.addEventListener("abort", cancel);
    executor.listener = {
      hearsOutput: false,
      frame: (kind, _call, payload) => settle(() => resolve({ kind, payload: Buffer.from(payload) })),
      output() {},
      ended: (end) => settle(() => reject(loadCrash(end, files, performance.now() - begun))),
    };
    executor.send(kind, 0, [payload]);
  });
}

function loadCrash(end: ExecutorEnd, { libraryPath, library }: PluginFiles, durationMs: number): DlrpcError {
  return crashError("while it was loaded", end, {
    operation: "load",
    library: libraryPath,
    integrity: library.integrity,
    uptimeMs: Math.round(durationMs),
    callsServed: 0,
    hint: "Its constructors, vtcode_plugin_version or vtcode_plugin_metadata end the process; mend the plugin.",
  });
}

function loadTimeout(timeoutMs: number): DlrpcError {
  return new DlrpcError("PLUGIN_TIMEOUT", `The plugin was not loaded within ${timeoutMs} ms`, {
    timeoutMs,
    hint: "Its constructors or vtcode_plugin_metadata do not return. Allow more with timeoutMs, or mend the plugin.",
  });
}

/** What the worker says of a library that did not load. A plugin may have forged it, so it need not make sense. */
function loadError(payload: Buffer): DlrpcError {
  const failure = LoadFailure.safeParse(payload.length > LONGEST_FAILURE ? undefined : parseOrUndefined(payload));
  if (!failure.success) return new DlrpcError("LIBRARY_LOAD_FAILED", "The plugin forged the answer of its own load");
  const { kind, message, details } = failure.data;
  return new DlrpcError(kind, message.slice(0, LONGEST_MESSAGE), details);
}

function parseOrUndefined(json: Buffer): unknown {
  try {
    return JSON.parse(json.toString("utf8"));
  } catch {
    return undefined;
  }
}
