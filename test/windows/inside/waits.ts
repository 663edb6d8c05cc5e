// Waits for the end of a process, and for nothing else.

import { whenProcessEnds } from "../../../src/platform/windows/processes/process-end.ts";

if (whenProcessEnds(Number(process.argv[2]), () => process.stdout.write("ended"))) process.stdout.write("waiting");
