// Makes the npm package: `npm run package:npm`, after which dist/npm is what to publish. Its manifest is the
// repository's without what only this repository needs: scripts, tools, and the Node that they run on. With
// `--workers DIRECTORY` it has the workers of all systems, those that are compiled elsewhere from there.

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { projectRoot } from "./places.ts";
import { buildWorkers } from "./worker.ts";

const output = join(projectRoot, "dist", "npm");
const manifest = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8"));
const { private: _, scripts, optionalDependencies, devDependencies, ...published } = manifest;

const { values } = parseArgs({ options: { workers: { type: "string" } } });
const { paths, leftOut } = buildWorkers(values.workers);
if (leftOut.length > 0) process.stderr.write(`left out, for want of --workers DIRECTORY: ${leftOut.join(", ")}\n`);
rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });
for (const path of [...published.files, "README.md", "LICENSE"]) {
  if (path === "dist/workers") continue; // those of this release, whatever else was built
  cpSync(join(projectRoot, path), join(output, path), { recursive: true });
}
for (const path of paths) cpSync(path, join(output, "dist", "workers", basename(path)));
writeFileSync(join(output, "package.json"), `${JSON.stringify(published, null, 2)}\n`);
