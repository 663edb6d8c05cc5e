// Makes what Node runs, in dist: `npm run build`, with the worker for this system.

import { writeScripts } from "./bundle.ts";
import { writeManPage } from "./man.ts";
import { writeSuite } from "./suite.ts";
import { writeTemplates } from "./templates.ts";
import { buildWorker, ownWorker, writeSources } from "./worker.ts";

writeSuite();
writeTemplates();
await writeScripts();
writeSources();
writeManPage();
buildWorker(ownWorker);
