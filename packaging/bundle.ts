// Owns how the program's sources become scripts: for a Node that is there, and for the packed program.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { projectRoot } from "./places.ts";

/** A script's name inside the program → its text, all ASCII. */
export type Scripts = Readonly<Record<string, string>>;

export interface Bundle {
  readonly scripts: Scripts;
  /** The npm packages that are part of it. */
  readonly packages: readonly string[];
}

/** What starts first in the packed program and chooses between the others. */
export const mainScript = "main.cjs";

/** Workers' scripts hold what each of the two stages needs, and nothing else: they start the faster. */
const workers = { "worker.cjs": "src/worker-main.ts", "confined-worker.cjs": "src/confined-worker-main.ts" };
const broker = "src/broker-main.ts";

/** Writes what Node runs (`npm run build`). */
export async function writeScripts(): Promise<void> {
  const write = async (name: string, entry: string, options: BuildOptions) => {
    const { text } = await bundle(entry, { target: "node22", external: ["koffi"], ...options });
    writeFileSync(join(projectRoot, "dist", name), text);
  };
  await write("dlrpc.cjs", broker, { banner: { js: "#!/usr/bin/env node" } });
  for (const [name, entry] of Object.entries(workers)) await write(name, entry, koffiIs("in-worker"));
}

/** For a target. Workers get koffi's addon as an open file on Linux; elsewhere each process unpacks it. */
export async function bundleScripts(target: string): Promise<Bundle> {
  const [inBroker, inWorker] = target.startsWith("linux-") ? ["unpacked", "in-worker"] : ["named", "named"];
  const scripts: Record<string, string> = {};
  const packages = new Set<string>(["koffi"]);
  const add = async (name: string, entry: string, koffi: string) => {
    const { text, inputs } = await bundle(entry, {
      target: "node24",
      legalComments: "none", // the notices beside the program hold them all
      ...koffiIs(koffi),
    });
    scripts[name] = text;
    for (const input of inputs) {
      const [, found] = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input) ?? [];
      if (found !== undefined) packages.add(found);
    }
  };
  await add(mainScript, "src/packed/main.ts", inBroker);
  await add("broker.cjs", broker, inBroker);
  for (const [name, entry] of Object.entries(workers)) await add(name, entry, inWorker);
  return { scripts, packages: [...packages].sort() };
}

/** What stands in for the package koffi. */
function koffiIs(how: string): BuildOptions {
  return { alias: { koffi: `./src/packed/koffi-${how}.ts` } };
}

async function bundle(entry: string, options: BuildOptions): Promise<{ text: string; inputs: string[] }> {
  const { outputFiles, metafile } = await build({
    ...options,
    absWorkingDir: projectRoot,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    minifyWhitespace: true,
    minifySyntax: true, // and not the names: stacks stay readable, and short names start no faster
    platform: "node",
    format: "cjs",
    charset: "ascii",
    logLevel: "warning",
    plugins: [lazyModules],
    outfile: join(projectRoot, "dist", "unused"),
  });
  return { text: outputFiles[0]?.text ?? "", inputs: Object.keys(metafile.inputs) };
}

/** What a start does not need of Node, but imports, takes a fifth of the server's start: it is loaded when first used. */
const lazyModules: Plugin = {
  name: "lazy-modules",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:(crypto|fs\/promises|worker_threads|zlib)$/ }, ({ path, namespace }) =>
      namespace === "file" ? { path, namespace: "lazy" } : { path, external: true },
    );
    onLoad({ filter: /^/, namespace: "lazy" }, async ({ path }) => {
      const names = Object.keys(await import(path)).filter((name) => name !== "default");
      const getter = (name: string) => `${name}: { get: () => require("${path}").${name}, enumerable: true },`;
      return { contents: `Object.defineProperties(exports, { ${names.map(getter).join("\n")} });` };
    });
  },
};
