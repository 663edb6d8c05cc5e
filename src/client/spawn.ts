// Owns starting dlrpc for its user: the command line, and `initialize`.

import type { InitializeParams, PROTOCOL_VERSION } from "../../protocol/messages.ts";
import { Connection, type RequestOptions } from "./connection.ts";
import { RequestCancelledError } from "./errors.ts";
import { DlrpcHost } from "./host.ts";
import { type ProgramOptions, startProgram } from "./program.ts";

/** How dlrpc is started. Aborting the signal ends the start, and has no effect later. */
export interface SpawnOptions
  extends ProgramOptions,
    Pick<InitializeParams, "clientInfo" | "workspaceRoot">,
    RequestOptions {
  /** What to be told. Partial results are asked for with each call. */
  readonly notifications?: Exclude<NonNullable<InitializeParams["notifications"]>[number], "output">[] | undefined;
  /** Directories to load plugins from, beside the user's own; relative to `cwd`. */
  readonly trust?: readonly string[] | undefined;
}

/** Starts dlrpc. @throws ConnectionLostError where it cannot be started, or ends before it is ready */
export async function spawnDlrpc(options: SpawnOptions = {}): Promise<DlrpcHost> {
  const { trust = [], args = [], workspaceRoot, clientInfo, signal } = options;
  const { notifications = ["log", "exited", "progress"] } = options;
  throwIfAborted(signal);
  const trusted = trust.map((directory) => `--trust=${directory}`);
  const program = await startProgram({ ...options, args: [...trusted, ...args, "--framing=headers"] });
  const connection = new Connection(program, notifications.includes("progress"));
  const kill = () => connection.kill();
  signal?.addEventListener("abort", kill, { once: true });
  try {
    const protocolVersion = 1 as const satisfies typeof PROTOCOL_VERSION;
    const params = { protocolVersion, workspaceRoot, clientInfo, notifications };
    return new DlrpcHost(connection, await connection.request("initialize", params, { signal }));
  } catch (error) {
    connection.kill();
    await connection.ended;
    throwIfAborted(signal);
    throw error;
  } finally {
    signal?.removeEventListener("abort", kill);
  }
}

/** @throws RequestCancelledError */
function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new RequestCancelledError("The start was aborted", { cause: signal.reason });
}
