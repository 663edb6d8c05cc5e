// Owns how the program's sources become its script: for a Node that is there, and for the packed program.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { projectRoot } from "./places.ts";

export interface Bundle {
  /** All ASCII. */
  readonly script: string;
  /** The npm packages that are part of it. */
  readonly packages: readonly string[];
}

/** Writes what Node runs (`npm run build`). */
export async function writeScript(): Promise<void> {
  const banner = { js: "#!/usr/bin/env node" };
  const { text } = await bundle({ target: "node22", banner, ...koffiIs("here") });
  writeFileSync(join(projectRoot, "dist", "dlrpc.cjs"), text);
}

/** For a target. */
export async function bundleScript(target: string): Promise<Bundle> {
  const { text, inputs } = await bundle({
    target: "node24",
    legalComments: "none", // the notices beside the program hold them all
    ...koffiIs(target.startsWith("linux-") ? "unpacked" : "named"),
  });
  const packages = new Set<string>(["koffi"]);
  for (const input of inputs) {
    const [, found] = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input) ?? [];
    if (found !== undefined) packages.add(found);
  }
  return { script: text, packages: [...packages].sort() };
}

/** What stands in for the package koffi. */
function koffiIs(how: string): BuildOptions {
  return { alias: { koffi: `./src/packed/koffi-${how}.ts` } };
}

async function bundle(options: BuildOptions): Promise<{ text: string; inputs: string[] }> {
  const { outputFiles, metafile } = await build({
    ...options,
    absWorkingDir: projectRoot,
    entryPoints: ["src/main.ts"],
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
