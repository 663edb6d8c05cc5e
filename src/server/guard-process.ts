// Owns keeping this process out of the reach of plugins and of what the host left open in it.

import { keepDescriptorsToOneself } from "../carrier/linux/descriptors.ts";
import { adoptOrphans, refuseTracing } from "../carrier/linux/processes.ts";
import { log } from "../observe/log.ts";

/** To be called before anything is started. Where the system cannot do a part of it, the log says so. */
export function guardProcess(): void {
  for (const guard of [keepDescriptorsToOneself, refuseTracing, adoptOrphans]) {
    try {
      guard();
    } catch (error) {
      log("warn", `this system cannot keep plugins away from dlrpc as it should: ${error}`);
    }
  }
  process.on("SIGUSR1", () => {}); // Node would open its inspector, which runs whatever it is sent
}
