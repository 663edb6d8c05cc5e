// Puts what CI tries in Wine into a directory, for the release's machines with Windows (on-windows.ps1):
// `node test/windows/furnish.ts DIRECTORY`, after `npm run build`.

import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { furnishHostile } from "./furnish-hostile.ts";
import { furnishPacked } from "./furnish-packed.ts";
import { furnishAll } from "./wine.ts";

const work = resolve(process.argv[2] ?? "dist/windows");
mkdirSync(work, { recursive: true });
await furnishAll(work);
furnishHostile(work);
furnishPacked(work);
