// Owns starting dlrpc for its user.

import { DlrpcHost } from "./host.ts";
import { type StartOptions, start } from "./start.ts";

/** How dlrpc is started. Aborting the signal ends the start, and has no effect later. */
export interface SpawnOptions extends StartOptions {}

/**
 * Starts dlrpc and waits until it is ready.
 * @throws ConnectionLostError where it cannot be started, ends before, does not answer in time, is another program, or
 * speaks another version of the protocol; RequestCancelledError where the signal was aborted
 */
export async function spawnDlrpc(options: SpawnOptions = {}): Promise<DlrpcHost> {
  const { connection, info } = await start(options);
  return new DlrpcHost(connection, info);
}
