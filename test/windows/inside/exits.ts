// Ends while a thread of Node's waits for what does not come.

import { read } from "node:fs";
import { exitNow } from "../../../src/platform/windows/processes/exit-now.ts";

read(0, Buffer.alloc(1), 0, 1, null, () => process.stdout.write("something came"));
setImmediate(() => exitNow(7));
