// Owns what can be set when the program is started.

import { availableParallelism } from "node:os";
import type { Recorder } from "../calls/recorder.ts";
import type { LogLevel } from "../observe/log.ts";
import { noSignatures, type SignaturePolicy } from "../plugins/trust/signature.ts";
import type { Framing } from "../rpc/framing/framing.ts";
import type { Profile } from "../sandbox-policy/policy.ts";

export interface Settings {
  /** Directories that plugins may be loaded from, beside the default ones (T1). */
  readonly trust: readonly string[];
  /** Whether the workspace's own plugin directories are trusted. */
  readonly trustWorkspace: boolean;
  /** Whether `initialize` may not add trusted directories. */
  readonly lockTrust: boolean;
  /** Directories of which one must hold the workspace (T8). */
  readonly allowWorkspace: readonly string[];
  readonly strictPermissions: boolean;
  /** Whose signatures count, and whether plugins need one (T6). */
  readonly signatures: SignaturePolicy;
  /** How a load is confined that does not say it. */
  readonly sandbox: Profile;
  /** The loosest profile that a load may ask for. */
  readonly maxSandbox: Profile;
  /** What the command line names to be read again or written to: keys, the audit log. */
  readonly files: readonly string[];
  /** Keeps calls that crash or time out (R1). */
  readonly recorder: Recorder | undefined;
  readonly framing: Framing;
  readonly maxMessageBytes: number;
  /** How many calls may wait per handle. */
  readonly maxPending: number;
  /** How many plugins may be loaded at once, loads under way included. */
  readonly maxHandles: number;
  /** How long a call may run, in milliseconds, where neither it nor its load says so; null: for ever. */
  readonly timeoutMs: number | null;
  /** How long a call may go on that is to stop, in milliseconds, where it says nothing of it (X7). */
  readonly cancelGraceMs: number;
  /** How long calls may go on after the end was asked for, in milliseconds. */
  readonly drainMs: number;
  /** How many calls of a thread-safe plugin may run at once. */
  readonly concurrency: number;
  /** Whether what plugins say is refused where not every parser reads it (M13). */
  readonly portableJson: boolean;
  readonly logLevel: LogLevel;
}

export const defaultSettings: Settings = {
  trust: [],
  trustWorkspace: false,
  lockTrust: false,
  allowWorkspace: [],
  strictPermissions: false,
  signatures: noSignatures,
  sandbox: "standard",
  maxSandbox: "none",
  files: [],
  recorder: undefined,
  framing: "auto",
  maxMessageBytes: 64 * 1024 * 1024,
  maxPending: 1024,
  maxHandles: 1024,
  timeoutMs: null,
  cancelGraceMs: 500,
  drainMs: 1500,
  concurrency: availableParallelism(),
  portableJson: false,
  logLevel: "warn",
};
