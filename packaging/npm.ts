// Makes the npm package: `npm run package:npm`, after which dist/npm is what to publish. Its manifest is the
// repository's without what only this repository needs: scripts, tools, and the Node that they run on.

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./places.ts";
import { buildWorkers } from "./worker.ts";

const output = join(projectRoot, "dist", "npm");
const manifest = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8"));
const { private: _, scripts, optionalDependencies, devDependencies, ...published } = manifest;

buildWorkers();
rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });
for (const path of [...published.files, "README.md", "LICENSE"]) {
  cpSync(join(projectRoot, path), join(output, path), { recursive: true });
}
writeFileSync(join(output, "package.json"), `${JSON.stringify(published, null, 2)}\n`);
