// Makes what Node runs, in dist: `npm run build`. The worker is compiled where plugins can be loaded.

import { writeScripts } from "./bundle.ts";
import { writeManPage } from "./man.ts";
import { writeSuite } from "./suite.ts";
import { writeTemplates } from "./templates.ts";
import { buildWorker, writeSources } from "./worker.ts";

writeSuite();
writeTemplates();
await writeScripts();
writeSources();
writeManPage();
if (process.platform === "linux") buildWorker(`linux-${process.arch}`);
