// The start of dlrpc: the command line, `initialize`, and whether what answers is a dlrpc of this protocol.

import type { PROTOCOL_VERSION } from "../../../protocol/fast-path.ts";
import type { InitializeParams, InitializeResult } from "../../../protocol/messages.ts";
import { AnyDlrpcError, ConnectionLostError, RequestCancelledError } from "../errors/errors.ts";
import { Connection, type RequestOptions } from "../wire/connection.ts";
import { type ProgramOptions, startProgram } from "./program.ts";
import { checkTime } from "./restart-record.ts";

/** How dlrpc is started. */
export interface StartOptions
  extends ProgramOptions,
    Pick<InitializeParams, "clientInfo" | "workspaceRoot">,
    RequestOptions {
  /** What to be told. Partial results are asked for with each call. */
  readonly notifications?: Exclude<NonNullable<InitializeParams["notifications"]>[number], "output">[] | undefined;
  /** Directories to load plugins from, beside the user's own; relative to `cwd`. */
  readonly trust?: readonly string[] | undefined;
  /** How long dlrpc may take until it is ready, in milliseconds. Default: 30000. */
  readonly startTimeoutMs?: number | undefined;
}

const START_TIMEOUT_MS = 30_000;
const protocolVersion = 1 as const satisfies typeof PROTOCOL_VERSION;

/** A connection to a dlrpc that is ready, and what it said of itself. */
export interface Started {
  readonly connection: Connection;
  readonly info: InitializeResult;
}

/**
 * Starts dlrpc and waits until it is ready.
 * @throws ConnectionLostError where it cannot be started, ends before, is no dlrpc or speaks another version of the protocol;
 * RequestCancelledError where the signal was aborted; RangeError where `startTimeoutMs` is no time
 */
export async function start(options: StartOptions): Promise<Started> {
  const { trust = [], args = [], workspaceRoot, clientInfo, signal } = options;
  const { notifications = ["log", "exited", "progress"], startTimeoutMs = START_TIMEOUT_MS } = options;
  checkTime("startTimeoutMs", startTimeoutMs);
  throwIfAborted(signal);
  const trusted = trust.map((directory) => `--trust=${directory}`);
  const program = await startProgram({ ...options, args: [...trusted, ...args, "--framing=headers"] });
  const connection = new Connection(program, notifications.includes("progress"));
  const kill = () => connection.kill();
  signal?.addEventListener("abort", kill, { once: true });
  const late = `did not answer \`initialize\` within ${startTimeoutMs} ms (\`startTimeoutMs\`)`;
  const deadline = setTimeout(() => program.giveUp(late), startTimeoutMs);
  try {
    throwIfAborted(signal); // it may have been while the process was started
    const params = { protocolVersion, workspaceRoot, clientInfo, notifications };
    const info = await connection.request("initialize", params, { signal });
    throwIfForeign(info);
    connection.maxMessageBytes = info.limits.maxMessageBytes;
    return { connection, info };
  } catch (error) {
    const problem = error instanceof Foreign ? error.message : problemWithRefusal(error);
    if (problem === undefined) connection.kill();
    else program.giveUp(problem);
    const exit = await connection.ended;
    throwIfAborted(signal);
    throw problem === undefined ? error : program.lostError(exit, false, FOREIGN_HINT);
  } finally {
    clearTimeout(deadline);
    signal?.removeEventListener("abort", kill);
  }
}

const FOREIGN_HINT = "`command`, or DLRPC_BIN in the environment, must be a dlrpc of the client's own release.";

/** What answers is no dlrpc that this client can speak to; the message ends the sentence "dlrpc …". */
class Foreign extends Error {}

/** @throws Foreign where an answer to `initialize` is not what a dlrpc of this protocol says */
function throwIfForeign(info: unknown): void {
  const { serverInfo, protocolVersion: spoken, limits } = membersOf(info);
  const { name } = membersOf(serverInfo);
  if (name !== "dlrpc") throw new Foreign(`is another program: the name that it gives is ${shown(name)}`);
  if (spoken !== protocolVersion) throw new Foreign(otherVersion(shown(spoken)));
  if (typeof membersOf(limits).maxMessageBytes !== "number")
    throw new Foreign("does not say how long a message may be");
}

/** The same for a refusal of `initialize`; undefined where it is dlrpc's own. Those say what to do about them. */
function problemWithRefusal(error: unknown): string | undefined {
  if (!(error instanceof AnyDlrpcError) || error instanceof ConnectionLostError) return undefined;
  const { supported, issues, hint } = error.data;
  if (Array.isArray(supported)) return otherVersion(supported.map(shown).join(", "));
  if (issues !== undefined || hint !== undefined || error instanceof RequestCancelledError) return undefined;
  return `is another program: it refused \`initialize\` with ${shown(error.message)}`;
}

function membersOf(value: unknown): Partial<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

const otherVersion = (spoken: string) =>
  `speaks version ${spoken} of the protocol, and this client version ${protocolVersion}`;

const LONGEST_SHOWN = 80;

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value).slice(0, LONGEST_SHOWN);
}

/** @throws RequestCancelledError */
function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new RequestCancelledError("The start was aborted", { cause: signal.reason });
}
