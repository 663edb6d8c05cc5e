// Makes what Node runs, in dist: `npm run build`. The worker is compiled where plugins can be loaded.

import { writeScripts } from "./bundle.ts";
import { buildWorker, writeSources } from "./worker.ts";

await writeScripts();
writeSources();
if (process.platform === "linux") buildWorker(`linux-${process.arch}`);
