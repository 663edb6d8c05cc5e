// Owns how the program's sources become scripts: for a Node that is there, and for the packed program.

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

/**
 * Writes what Node runs (`npm run build`): a script for the broker, and one for workers, which start faster with what they
 * need alone.
 */
export async function writeScripts(): Promise<void> {
  for (const [name, entry, alias] of [
    ["dlrpc.cjs", "src/broker-main.ts", {}],
    ["worker.cjs", "src/worker-main.ts", { koffi: koffi("in-worker") }],
  ] as const) {
    await build({
      ...common,
      entryPoints: [entry],
      target: "node22",
      alias,
      external: ["koffi"],
      banner: { js: "#!/usr/bin/env node" },
      outfile: join(projectRoot, "dist", name),
    });
  }
}

/** What stands in for the package koffi. */
function koffi(how: string): string {
  return `./src/packed/koffi-${how}.ts`;
}

/** What starts first and chooses between the others. */
export const mainScript = "main.cjs";

/** For a target. Workers get koffi's addon as an open file on Linux; elsewhere each process unpacks it. */
export async function bundleScripts(target: string): Promise<Bundle> {
  const [inBroker, inWorker] = target.startsWith("linux-") ? ["unpacked", "in-worker"] : ["named", "named"];
  const scripts: Record<string, string> = {};
  const packages = new Set<string>(["koffi"]);
  for (const [name, entry, how] of [
    [mainScript, "src/packed/main.ts", inBroker],
    ["worker.cjs", "src/worker-main.ts", inWorker],
    ["broker.cjs", "src/broker-main.ts", inBroker],
  ] as const) {
    const { outputFiles, metafile } = await build({
      ...common,
      entryPoints: [entry],
      write: false,
      metafile: true,
      minifyWhitespace: true,
      minifySyntax: true, // and not the names: stacks stay readable, and short names start no faster
      target: "node24",
      charset: "ascii",
      legalComments: "none", // the notices beside the program hold them all
      alias: { koffi: koffi(how) },
      outfile: join(projectRoot, "dist", "unused"),
    });
    scripts[name] = outputFiles[0]?.text ?? "";
    for (const input of Object.keys(metafile.inputs)) {
      const [, found] = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input) ?? [];
      if (found !== undefined) packages.add(found);
    }
  }
  return { scripts, packages: [...packages].sort() };
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

const common = {
  absWorkingDir: projectRoot,
  bundle: true,
  platform: "node",
  format: "cjs",
  logLevel: "warning",
  plugins: [lazyModules],
} satisfies BuildOptions;
