// `dlrpc serve`.

import { fstatSync } from "node:fs";
import { guards } from "#platform/processes/own-process";
import { isUnreadable, takeProtocolStreams } from "#platform/streams/host-streams";
import { keepLargeMemory } from "../../ffi/large-memory.ts";
import { keepSpareDescriptor, withSpareDescriptor } from "../../ffi/spare-descriptor.ts";
import { AuditLog } from "../../observe/audit-log.ts";
import { log, logLevels, setLogLevel } from "../../observe/log.ts";
import type { ProtocolStreams } from "../../platform/both-halves/protocol-streams.ts";
import { framings } from "../../rpc/framing/framing.ts";
import { isLooser, profiles, stricter } from "../../sandbox-policy/policy.ts";
import { serve } from "../../server/serve.ts";
import { defaultSettings, type Settings } from "../../server/settings.ts";
import { CommandError, type ParsedOptions, parseOptions, UsageError } from "../options.ts";
import { namedFiles, signaturePolicy } from "../signing/signature-policy.ts";
import { recorderOf } from "./recording.ts";
import { serveVerb } from "./serve-verb.ts";

const STDIN = 0;

/** An id or a method's name may be as long as a message, and is a string: V8 has none beyond twice this. */
const MOST_MESSAGE_BYTES = 256 * 1024 * 1024;

/** @returns the exit status @throws UsageError, CommandError */
export function runServe(args: readonly string[]): Promise<number> {
  const options = parseOptions(serveVerb, args);
  const settings = readSettings(options);
  return withHost(options, settings, (streams, auditLog) => serve(settings, streams, auditLog));
}

/** Sets the process up for serving a host. @throws CommandError */
export function withHost(
  options: ParsedOptions,
  { logLevel }: Settings,
  run: (streams: ProtocolStreams, auditLog: AuditLog | undefined) => Promise<number>,
): Promise<number> {
  setLogLevel(logLevel);
  requireReadableStdin();
  const auditLog = openAuditLog(options);
  guardProcess();
  keepLargeMemory();
  return run(takeProtocolStreams(), auditLog);
}

/** Keeps it out of the reach of plugins and of what the host left open in it. To be called before anything is started. */
function guardProcess(): void {
  for (const guard of guards) {
    try {
      guard();
    } catch (error) {
      log("warn", `this system cannot keep plugins away from dlrpc as it should: ${error}`);
    }
  }
  process.on("SIGUSR1", () => {}); // Node would open its inspector, which runs whatever it is sent
}

/** @throws CommandError */
function requireReadableStdin(): void {
  const found = fstatSync(STDIN).isDirectory()
    ? "is a directory"
    : isUnreadable(STDIN)
      ? "is not open for reading"
      : "";
  if (found === "") return;
  throw new CommandError(`stdin ${found}; a pipe, a socket, a terminal or a file with messages is needed`);
}

/** @throws CommandError: whoever wants a record must not run without one */
function openAuditLog(options: ParsedOptions): AuditLog | undefined {
  const path = options.value("audit-log");
  try {
    if (path === undefined) return undefined;
    keepSpareDescriptor();
    return new AuditLog(path, withSpareDescriptor);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new CommandError(`--audit-log: ${error.message}; a regular file that may be appended to is needed, no link`);
  }
}

/** What of the options of serve there are. @throws UsageError */
export function readSettings(options: ParsedOptions): Settings {
  const defaults = defaultSettings;
  const maxSandbox = options.choice("max-sandbox", profiles) ?? defaults.maxSandbox;
  const sandbox = options.choice("sandbox", profiles) ?? stricter(defaults.sandbox, maxSandbox);
  if (isLooser(sandbox, maxSandbox)) {
    throw new UsageError(`--sandbox ${sandbox} is looser than --max-sandbox ${maxSandbox}`);
  }
  return {
    trust: options.all("trust"),
    trustWorkspace: options.has("trust-workspace"),
    lockTrust: options.has("lock-trust"),
    allowWorkspace: options.all("allow-workspace"),
    strictPermissions: options.has("strict-permissions"),
    signatures: signaturePolicy(options),
    sandbox,
    maxSandbox,
    files: namedFiles(options),
    recorder: recorderOf(options),
    framing: options.choice("framing", framings) ?? defaults.framing,
    maxMessageBytes: options.number("max-message-bytes", 1, MOST_MESSAGE_BYTES) ?? defaults.maxMessageBytes,
    maxPending: options.number("max-pending", 1) ?? defaults.maxPending,
    maxHandles: options.number("max-handles", 1) ?? defaults.maxHandles,
    timeoutMs: options.number("timeout-ms", 1) ?? defaults.timeoutMs,
    cancelGraceMs: options.number("cancel-grace-ms", 0) ?? defaults.cancelGraceMs,
    drainMs: options.number("drain-ms", 0) ?? defaults.drainMs,
    concurrency: options.number("concurrency", 1) ?? defaults.concurrency,
    portableJson: options.has("portable-json"),
    logLevel: options.choice("log-level", logLevels) ?? defaults.logLevel,
  };
}
