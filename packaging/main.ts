// Packs the program with Node into a single executable for each target, and makes its archive: `npm run package`, or
// `npm run package -- --target NAME[,NAME...]`. Everything is in dist/bin afterwards, or in
// `--output DIRECTORY`. The workers that are compiled on other systems come from `--workers DIRECTORY`.

import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { tarGz, writeSums, zip } from "./archive.ts";
import { bundleScripts, compiledScripts } from "./bundle.ts";
import { billOfMaterials, thirdPartyNotices } from "./documents.ts";
import { buildExecutable } from "./executable.ts";
import { manFile } from "./man.ts";
import { fetchNode } from "./node.ts";
import { fetchPackage } from "./packages.ts";
import { outputDirectory, projectRoot } from "./places.ts";
import { suiteFile } from "./suite.ts";
import { ownTarget, type Target, targetNamed } from "./targets.ts";
import { templatesFile } from "./templates.ts";
import { workerFiles } from "./worker.ts";

async function pack(target: Target, output: string, workers: string | undefined): Promise<void> {
  using node = await fetchNode(target);
  using koffi = await fetchPackage(target.koffi.package);
  const { scripts, packages } = await bundleScripts(target);
  const files = {
    "koffi.node": join(koffi.directory, target.koffi.addon),
    "conformance.json": suiteFile,
    "templates.json": templatesFile,
    "openrpc.json": join(projectRoot, "dist", "openrpc.json"),
    ...workerFiles(target.worker, workers),
  };
  // Compiling takes the Node that will run it: other targets' programs do that when they start.
  const compiled = target.name === ownTarget ? compiledScripts(node.executable, scripts) : {};
  const all = { ...scripts, ...compiled };
  const executable = await buildExecutable({ target, node: node.executable, scripts: all, files, output });

  const name = `dlrpc-${target.name}`;
  const isForWindows = target.name.startsWith("win-");
  const work = mkdtempSync(join(output, ".archiving-"));
  try {
    const contents = join(work, name);
    mkdirSync(contents);
    const program = join(contents, target.executable.replace(`-${target.name}`, ""));
    copyFileSync(executable, program);
    copyFileSync(join(projectRoot, "LICENSE"), join(contents, "LICENSE"));
    if (!isForWindows) copyFileSync(manFile, join(contents, "dlrpc.1"));
    writeFileSync(join(contents, "THIRD-PARTY-NOTICES"), thirdPartyNotices(packages, node.license));
    const archive = isForWindows ? zip(contents, output) : await tarGz(contents, output);
    const parts = [...packages, target.koffi.package, ...(target.node === undefined ? [] : [target.node])];
    writeFileSync(join(output, `${name}.cdx.json`), billOfMaterials(parts));
    process.stdout.write(`${executable}\n${archive}\n`);
  } finally {
    rmSync(work, { recursive: true });
  }
}

const { values } = parseArgs({
  options: {
    target: { type: "string", default: ownTarget },
    output: { type: "string", default: outputDirectory },
    workers: { type: "string" },
  },
});
const output = resolve(values.output);
mkdirSync(output, { recursive: true });
for (const target of values.target.split(",").map(targetNamed)) await pack(target, output, values.workers);
writeSums(output);
