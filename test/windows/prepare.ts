// Puts what CI tries in Wine into a directory, for the release's machines with Windows (on-windows.ps1):
// `node test/windows/prepare.ts DIRECTORY`, after `npm run build`.

import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { prepareHostile } from "./prepare-hostile.ts";
import { preparePacked } from "./prepare-packed.ts";
import { prepareAll } from "./wine.ts";

const work = resolve(process.argv[2] ?? "dist/windows");
mkdirSync(work, { recursive: true });
await prepareAll(work);
prepareHostile(work);
preparePacked(work);
