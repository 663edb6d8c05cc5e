// Starting dlrpc for its user.

import { DlrpcHost } from "../host.ts";
import { type RestartOptions, RestartRecord } from "./restart-record.ts";
import { type StartOptions, start } from "./start.ts";

/** How dlrpc is started. Aborting the signal ends the start, and has no effect later. */
export interface SpawnOptions extends StartOptions {
  /** Has a dlrpc that ends unasked started again, with its plugins. `{}` stands for the defaults. Default: it is not. */
  readonly restart?: RestartOptions | undefined;
}

/**
 * Starts dlrpc and waits until it is ready. A start that fails is not repeated, not even with `restart`.
 * @throws ConnectionLostError where it cannot be started, ends before, does not answer in time, is another program, or
 * speaks another version of the protocol; RequestCancelledError where the signal was aborted; RangeError where a number
 * among the options is of no use
 */
export async function spawnDlrpc({ restart, ...options }: SpawnOptions = {}): Promise<DlrpcHost> {
  const record = restart && new RestartRecord(restart);
  return new DlrpcHost(options, record, await start(options));
}
