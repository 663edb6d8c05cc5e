// Owns a thread that serves calls: a further one of a worker process, or one of the broker for an inline plugin.

import { workerData } from "node:worker_threads";
import { logDefect } from "../observe/log.ts";
import { type CallThread, serveCalls } from "./call-loop.ts";

/**
 * Serves calls until the broker closes the channel.
 * @returns false where that failed (a plugin can close the channel itself) on a further thread, of which nobody hears:
 *   the thread that started it waits for frames
 */
export function runCallThread(): boolean {
  const thread = workerData as CallThread;
  try {
    serveCalls(thread);
    return true;
  } catch (error) {
    if (thread.libraryPath === undefined) throw error;
    logDefect(error);
    return false;
  }
}
