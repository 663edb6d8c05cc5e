// Makes the scripts in dist: `npm run build`.

import { writeScripts } from "./bundle.ts";

await writeScripts();
