// Owns loading a plugin into a fresh worker: send the library's name, wait for its metadata, a failure, an end or a deadline.

import { FAILURE_TEXT_OFFSET, FAILURE_VALUE_OFFSET, FailureReason, FrameKind } from "../../native/frames/frames.ts";
import { ABI_VERSION, requiredSymbols } from "../../protocol/abi-symbols.ts";
import { DlrpcError } from "../../protocol/errors.ts";
import { crashError, notTaken } from "../calls/call-errors.ts";
import type { Running } from "../calls/executor/executor.ts";
import type { ResultRules } from "../calls/result.ts";
import { Deferred } from "../platform/both-halves/promises.ts";
import type { PluginFiles } from "../plugins/inspected-plugin.ts";
import { requireMetadata } from "../plugins/manifest/metadata.ts";
import type { Confinement } from "../sandbox-policy/policy.ts";
import type { ConfinementReport } from "../sandbox-policy/report.ts";
import { nobody, type OutputTails, type WorkerEnd, type WorkerListener } from "../workers/worker-listener.ts";
import type { WorkerProcess } from "../workers/worker-process.ts";
import { notOpened } from "./not-opened/linux.ts";

/** What `loaded` says of a plugin that has taken the table. */
const HAS_TABLE = 1;
/** No worker says more of a library that does not load. */
const LONGEST_FAILURE = 8 * 1024;

/** How long a load may take, from the start of its process to the metadata, where nobody said it. */
export const START_DEADLINE_MS = 30_000;

export interface StartOptions {
  /** When the load began, as performance.now() has it, and how many milliseconds there are for all of it. */
  begun: number;
  timeoutMs: number;
  /** What is taken of what it says, its metadata for one. */
  rules: ResultRules;
  /** How many calls may run in it at once where it says that it is thread-safe. */
  concurrency: number;
  confinement: Confinement;
  /** Judges how the worker is confined, before any code of the plugin runs. @throws DlrpcError to refuse the load */
  accept: (report: ConfinementReport) => void;
  /** Is told what it prints until then. */
  printed: WorkerListener["output"] | undefined;
  /** Ends the load; the reason is the error that it is answered with. */
  cancelled: AbortSignal;
}

/**
 * Loads a library into a worker that has loaded nothing yet. On failure the worker is ended.
 * @param path what the worker is to load
 * @throws DlrpcError what is wrong with the plugin; PLUGIN_TIMEOUT, PLUGIN_CRASHED, REQUEST_CANCELLED
 */
export async function startPlugin(
  worker: WorkerProcess,
  path: string,
  files: PluginFiles,
  options: StartOptions,
): Promise<Running> {
  const { begun, timeoutMs, cancelled } = options;
  try {
    await within(worker.ready, timeoutMs, cancelled, () => notReady(timeoutMs, worker.outputTails()));
    options.accept(worker.report);
    const leftMs = Math.max(0, timeoutMs - (performance.now() - begun));
    const frame = await firstFrame(worker, path, files, leftMs, options);
    const metadata = await withOutputTails(worker, async () => {
      if (frame.kind !== FrameKind.loaded) throw await loadError(frame, path, files, options);
      return requireMetadata(frame.payload, options.rules.portable);
    });
    worker.send(FrameKind.serve, metadata.threadSafe ? options.concurrency : 1, []);
    return { worker, metadata, hasTable: frame.call === HAS_TABLE };
  } catch (error) {
    worker.kill();
    throw error;
  }
}

/** @throws DlrpcError `late()` where it takes longer, or why it was cancelled */
async function within<T>(work: Promise<T>, ms: number, cancelled: AbortSignal, late: () => DlrpcError): Promise<T> {
  const over = new Deferred<never>();
  const cancel = () => over.reject(cancelled.reason);
  const deadline = setTimeout(() => over.reject(late()), ms);
  cancelled.addEventListener("abort", cancel);
  try {
    if (cancelled.aborted) cancel();
    return await Promise.race([work, over.promise]);
  } finally {
    clearTimeout(deadline);
    cancelled.removeEventListener("abort", cancel);
  }
}

/** Adds to an error what the plugin has written: its code has run. */
async function withOutputTails<T>(worker: WorkerProcess, judge: () => Promise<T>): Promise<T> {
  try {
    return await judge();
  } catch (error) {
    throw error instanceof DlrpcError ? error.with(worker.outputTails()) : error;
  }
}

interface Frame {
  readonly kind: number;
  readonly call: number;
  readonly payload: Buffer;
}

/** What came of loading the library. */
async function firstFrame(
  worker: WorkerProcess,
  path: string,
  files: PluginFiles,
  leftMs: number,
  { timeoutMs, printed, cancelled }: StartOptions,
): Promise<Frame> {
  const begun = performance.now();
  const answer = new Deferred<Frame>();
  cancelled.throwIfAborted();
  worker.enter("loading", {
    ...nobody,
    ...(printed && { hearsOutput: () => true, output: printed }),
    isBusy: () => true,
    frame: (kind, call, payload) => answer.resolve({ kind, call, payload: Buffer.from(payload) }),
    ended: (end) => answer.reject(loadCrash(end, files, performance.now() - begun)),
  });
  worker.send(FrameKind.load, 0, [Buffer.from(`${path}\0`)]);
  try {
    const frame = await within(answer.promise, leftMs, cancelled, () => loadTimeout(timeoutMs, worker.outputTails()));
    worker.enter("loaded");
    return frame;
  } catch (error) {
    worker.enter("released");
    throw error;
  }
}

function loadCrash(end: WorkerEnd, { libraryPath, integrity }: PluginFiles, durationMs: number): DlrpcError {
  return crashError("while it was loaded", end, {
    operation: "load",
    library: libraryPath,
    integrity,
    uptimeMs: Math.round(durationMs),
    callsServed: 0,
    hint: "Its constructors, vtcode_plugin_version or vtcode_plugin_metadata end the process; mend the plugin.",
  });
}

/** No code of the plugin has run by then. */
function notReady(timeoutMs: number, said: OutputTails): DlrpcError {
  const message = `The plugin was not loaded within ${timeoutMs} ms: its process was not ready by then`;
  return new DlrpcError("PLUGIN_TIMEOUT", message, {
    timeoutMs,
    ...said,
    hint: "The system is slow to start processes. Allow more with timeoutMs.",
  });
}

function loadTimeout(timeoutMs: number, said: OutputTails): DlrpcError {
  return new DlrpcError("PLUGIN_TIMEOUT", `The plugin was not loaded within ${timeoutMs} ms`, {
    timeoutMs,
    ...said,
    hint: "Its constructors or vtcode_plugin_metadata do not return. Allow more with timeoutMs, or mend the plugin.",
  });
}

/** What the worker says of a library that did not load. */
interface Said {
  readonly text: string;
  readonly value: bigint;
  readonly files: PluginFiles;
  readonly options: StartOptions;
}

/** The error for each reason that a worker can have. */
const failures: {
  readonly [reason in keyof typeof FailureReason]: (said: Said) => DlrpcError | Promise<DlrpcError>;
} = {
  notOpened: ({ text, files, options }) => notOpened(text, files, options.confinement),
  symbolsMissing: ({ value }) => symbolsMissing(requiredSymbols.filter((_, bit) => (value >> BigInt(bit)) & 1n)),
  otherVersion: ({ value }) => otherVersion(Number(value)),
  noMetadata: ({ value, options }) => {
    const message = `vtcode_plugin_metadata() returned ${notTaken(value, options.rules.maxBytes)}`;
    return new DlrpcError("INVALID_METADATA", message);
  },
};
const reasons = Object.keys(failures) as (keyof typeof failures)[];

/** A plugin may have forged what is said, so it need not make sense. */
async function loadError(
  { kind, payload }: Frame,
  path: string,
  files: PluginFiles,
  options: StartOptions,
): Promise<DlrpcError> {
  const { length } = payload;
  if (kind === FrameKind.failed && length >= FAILURE_TEXT_OFFSET && length <= LONGEST_FAILURE) {
    const value = payload.readBigUInt64LE(FAILURE_VALUE_OFFSET);
    const text = payload.toString("utf8", FAILURE_TEXT_OFFSET).replaceAll(path, files.libraryPath);
    const number = payload.readBigUInt64LE(0);
    const reason = reasons.find((name) => BigInt(FailureReason[name]) === number);
    if (reason !== undefined) return failures[reason]({ text, value, files, options });
  }
  return new DlrpcError("LIBRARY_LOAD_FAILED", "The plugin forged the answer of its own load");
}

/** All the missing symbols together (A7). */
function symbolsMissing(names: readonly string[]): DlrpcError {
  return new DlrpcError("SYMBOL_MISSING", `The library does not export ${names.join(", ")}`, {
    symbol: names[0],
    symbols: names,
  });
}

function otherVersion(actual: number): DlrpcError {
  return new DlrpcError("ABI_MISMATCH", `vtcode_plugin_version() returned ${actual}, ${ABI_VERSION} is needed`, {
    expected: ABI_VERSION,
    actual,
  });
}
