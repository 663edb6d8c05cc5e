// Owns keeping this process out of the reach of plugins and of what the host left open in it.

import { guards } from "#carrier/processes/own-process";
import { log } from "../observe/log.ts";

/** To be called before anything is started. Where the system cannot do a part of it, the log says so. */
export function guardProcess(): void {
  for (const guard of guards) {
    try {
      guard();
    } catch (error) {
      log("warn", `this system cannot keep plugins away from dlrpc as it should: ${error}`);
    }
  }
  process.on("SIGUSR1", () => {}); // Node would open its inspector, which runs whatever it is sent
}
