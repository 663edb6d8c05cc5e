// Owns `dlrpc serve`.

import { logLevels, setLogLevel } from "../observe/log.ts";
import { framings } from "../rpc/framing.ts";
import { guardProcess } from "../server/guard-process.ts";
import { takeProtocolStreams } from "../server/protocol-streams.ts";
import { serve } from "../server/serve.ts";
import { defaultSettings, type Settings } from "../server/settings.ts";
import { parseOptions, serveOptions, UsageError } from "./options.ts";

/** An id or a method's name may be as long as a message, and is a string: V8 has none beyond twice this. */
const MOST_MESSAGE_BYTES = 256 * 1024 * 1024;

/** @returns the exit status @throws UsageError */
export function runServe(args: readonly string[]): Promise<number> {
  const settings = readSettings(args);
  setLogLevel(settings.logLevel);
  guardProcess();
  return serve(settings, takeProtocolStreams());
}

function readSettings(args: readonly string[]): Settings {
  const options = parseOptions(args, serveOptions);
  const [stray] = options.positionals;
  if (stray !== undefined) throw new UsageError(`\`${stray}\` is not understood; serve takes options only`);
  const defaults = defaultSettings;
  return {
    trust: options.all("trust"),
    trustWorkspace: options.has("trust-workspace"),
    lockTrust: options.has("lock-trust"),
    strictPermissions: options.has("strict-permissions"),
    framing: options.choice("framing", framings) ?? defaults.framing,
    maxMessageBytes: options.number("max-message-bytes", 1, MOST_MESSAGE_BYTES) ?? defaults.maxMessageBytes,
    maxPending: options.number("max-pending", 1) ?? defaults.maxPending,
    timeoutMs: options.number("timeout-ms", 1) ?? defaults.timeoutMs,
    drainMs: options.number("drain-ms", 0) ?? defaults.drainMs,
    concurrency: options.number("concurrency", 1) ?? defaults.concurrency,
    logLevel: options.choice("log-level", logLevels) ?? defaults.logLevel,
  };
}
