// Preloaded into a broker: profiles its main thread, and leaves the profile in $BENCH_PROFILE on SIGUSR2. Node's own
// --cpu-prof writes at the regular end only, and dlrpc ends with _exit(2).

import { mkdirSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector";
import { join } from "node:path";

const session = new Session();
session.connect();
session.post("Profiler.enable");
session.post("Profiler.setSamplingInterval", { interval: 200 });
session.post("Profiler.start");

process.on("SIGUSR2", () => {
  session.post("Profiler.stop", (error, { profile }) => {
    if (error) throw error;
    const directory = process.env.BENCH_PROFILE;
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, `broker-${process.pid}.cpuprofile`), JSON.stringify(profile));
  });
});
