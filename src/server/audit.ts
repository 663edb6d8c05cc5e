// Owns what is recorded of plugins in the audit log (T7): loads, calls, ends. Sizes and hashes, never contents.

import { createHash } from "node:crypto";
import { DlrpcError } from "../../protocol/errors.ts";
import type { ExitedParams, LoadParams } from "../../protocol/messages.ts";
import type { RawJson } from "../../protocol/raw.ts";
import { messageOf } from "../base/failures.ts";
import type { CallReply } from "../calls/call.ts";
import { type AuditLog, now } from "../observe/audit-log.ts";
import { knownError } from "../platform/exhaustion.ts";
import type { HandleEvents, PluginHandle } from "../plugin-table/plugin-handle.ts";
import { type Params, textOf } from "../rpc/params.ts";

/** A host may ask for anything, and a plugin may say anything: a line stays a line. */
const LONGEST_TEXT = 4096;

/** What every line about a loaded plugin says. */
interface Identity {
  readonly handle: string;
  readonly plugin: string;
  readonly path: string;
  readonly integrity: string;
}

export class Audit {
  private readonly log: AuditLog | undefined;
  private readonly loaded = new Map<string, Identity>();

  /** @param log undefined: nothing is recorded, and nothing is hashed */
  constructor(log: AuditLog | undefined) {
    this.log = log;
  }

  /** Records a load, whether it works or is refused. */
  async load({ path, name }: LoadParams, work: () => Promise<PluginHandle>): Promise<PluginHandle> {
    const begun = performance.now();
    const asked = shorten(path ?? name ?? "");
    try {
      const handle = await work();
      const { files } = handle;
      const signature = files.signature?.keyId ?? null;
      this.record("load", { ...this.adopt(handle), asked, isolation: "process", signature, ...success(begun) });
      return handle;
    } catch (error) {
      const plugin = error instanceof DlrpcError ? error.details.plugin : undefined;
      this.record("load", { plugin, asked, ...failure(error, begun), error: shortMessage(error) });
      throw error;
    }
  }

  /** Records a load or a reload that was refused before anything was begun. */
  refused(method: string, error: DlrpcError, params: Params): void {
    if (this.log === undefined) return;
    const text = (name: string) => shorten(textOf(params, name) ?? "");
    const end = { ...failure(error, performance.now()), error: shortMessage(error) };
    if (method === "plugin/load") this.record("load", { asked: text("path") || text("name"), ...end });
    if (method === "plugin/reload") this.record("reload", { handle: text("handle"), ...end });
  }

  /** Records a reload, and from which library to which. */
  async reload(id: string, work: () => Promise<PluginHandle>): Promise<PluginHandle> {
    const begun = performance.now();
    const before = this.loaded.get(id);
    try {
      const handle = await work();
      this.record("reload", { ...this.adopt(handle), replaced: before?.integrity, ...success(begun) });
      return handle;
    } catch (error) {
      this.record("reload", { handle: shorten(id), ...before, ...failure(error, begun), error: shortMessage(error) });
      throw error;
    }
  }

  async unload(handle: string, work: () => Promise<void>): Promise<void> {
    const begun = performance.now();
    await work(); // it fails for handles only that are unknown
    this.forget(handle, { reason: "unload", ...success(begun) });
  }

  /** Who waits for a call, with a record of the answer. */
  call(handle: PluginHandle, input: RawJson, reply: CallReply): CallReply {
    if (this.log === undefined) return reply;
    const begun = performance.now();
    const asked = { ...this.loaded.get(handle.id), input: summary(input) };
    return {
      requestId: reply.requestId,
      wanted: reply.wanted,
      started: () => reply.started(),
      isBehind: () => reply.isBehind(),
      progress: (report) => reply.progress(report),
      output: (value) => reply.output(value),
      said: (level, text) => reply.said(level, text),
      result: (result) => {
        this.record("execute", { ...asked, result: summary(result), ...success(begun) });
        reply.result(result);
      },
      error: (error) => {
        this.record("execute", { ...asked, result: null, ...failure(error, begun) });
        reply.error(error);
      },
    };
  }

  /** The same events, with a record of the ends that nobody asked for by name. */
  watch(events: HandleEvents): HandleEvents {
    if (this.log === undefined) return events;
    const watched: HandleEvents = Object.create(events); // all else is asked of them themselves
    watched.exited = (end) => {
      this.exited(end);
      events.exited(end);
    };
    return watched;
  }

  /** Records the end of what is still loaded: the program ends, and all plugins with it. */
  end(): void {
    for (const handle of [...this.loaded.keys()]) this.forget(handle, { reason: "shutdown" });
  }

  private exited({ handle, signal, exitCode, reason, willRestart }: ExitedParams): void {
    const end = { ...this.loaded.get(handle), signal, exitCode, willRestart };
    if (reason === "crash") this.record("crash", end);
    if (reason === "timeout" || reason === "cancelled") this.record("kill", { ...end, reason });
  }

  private adopt({ id, metadata, files }: PluginHandle): Identity {
    const { path, integrity } = files;
    const identity = { handle: id, plugin: metadata.name, path, integrity };
    this.loaded.set(id, identity);
    return identity;
  }

  private forget(handle: string, details: object): void {
    this.record("unload", { ...this.loaded.get(handle), ...details });
    this.loaded.delete(handle);
  }

  private record(event: string, details: object): void {
    this.log?.append({ time: now(), pid: process.pid, event, ...details });
  }
}

function summary({ bytes }: RawJson): object {
  return { bytes: bytes.length, hash: `sha256-${createHash("sha256").update(bytes).digest("base64")}` };
}

function success(begun: number): object {
  return { outcome: "ok", durationMs: since(begun) };
}

function failure(error: unknown, begun: number): object {
  const known = knownError(error);
  return { outcome: known?.kind ?? "INTERNAL_ERROR", durationMs: since(begun) };
}

/** In milliseconds, to the microsecond. */
function since(begun: number): number {
  return Math.round((performance.now() - begun) * 1000) / 1000;
}

const shortMessage = (error: unknown): string => shorten(messageOf(error));

function shorten(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}
