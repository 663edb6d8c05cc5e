// Owns how the program's sources become its scripts: for a Node that is there, and for the packed program.

import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { compiledForm } from "./compiled.ts";
import { projectRoot } from "./places.ts";
import type { Target } from "./targets.ts";

/** What starts first and chooses between the others. */
export const mainScript = "dlrpc.cjs";

/** The two halves of what differs between systems, as src/platform has them. */
type Half = "linux" | "portable";

const nameOf = (part: string, half: Half) => `${part}${half === "linux" ? "" : ".portable"}`;

const entries = { dlrpc: "src/entry/main.ts", serve: "src/entry/serve-main.ts", verbs: "src/entry/verbs-main.ts" };
const conditions = { linux: {}, portable: { conditions: ["portable", "module"] } };

export interface Bundle {
  /** A script's name inside the program → its text, all ASCII. */
  readonly scripts: Readonly<Record<string, string>>;
  /** The npm packages that are part of it. */
  readonly packages: readonly string[];
}

/** Writes what Node runs (`npm run build`). */
export async function writeScripts(): Promise<void> {
  for (const half of ["linux", "portable"] as const) {
    const scripts: Record<string, string> = {};
    for (const [part, entry] of Object.entries(entries)) {
      const banner = part === "dlrpc" ? { banner: { js: "#!/usr/bin/env node" } } : {};
      const { text } = await bundle(entry, { target: "node22", ...banner, ...koffiIs("here"), ...conditions[half] });
      scripts[`${nameOf(part, half)}.cjs`] = text;
    }
    for (const [name, content] of Object.entries({ ...scripts, ...compiledScripts(process.execPath, scripts) }))
      writeFileSync(join(projectRoot, "dist", name), content);
  }
  const document = JSON.parse(readFileSync(join(projectRoot, "protocol", "openrpc.json"), "utf8"));
  writeFileSync(join(projectRoot, "dist", "openrpc.json"), JSON.stringify(document)); // a message of its own, one line
}

/** dist/serve.cjs once more, with the map of where its parts come from. */
export async function serverWithMap(): Promise<{ text: string; map: string }> {
  const { text, map } = await bundle(entries.serve, { target: "node22", ...koffiIs("here"), sourcemap: "external" });
  return { text, map };
}

/** For the packed program. Linux has its own half of what differs between systems. */
export async function bundleScripts(target: Target): Promise<Bundle> {
  const half = target.name.startsWith("linux-") ? "linux" : "portable";
  const scripts: Record<string, string> = {};
  const packages = new Set<string>(["koffi"]);
  for (const [part, entry] of Object.entries(entries)) {
    const { text, inputs } = await bundle(entry, {
      target: "node24",
      legalComments: "none", // the notices beside the program hold them all
      ...koffiIs("packed"),
      ...conditions[half],
    });
    scripts[part === "dlrpc" ? mainScript : `${nameOf(part, half)}.cjs`] = text;
    for (const input of inputs) {
      const [, found] = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input) ?? [];
      if (found !== undefined) packages.add(found);
    }
  }
  return { scripts, packages: [...packages].sort() };
}

/**
 * The compiled forms of what serves a host and of what serves people, by the names by which they are looked for.
 * @param node as of `compiledForm`
 */
export function compiledScripts(node: string, scripts: Bundle["scripts"]): Record<string, Buffer> {
  const chosen = Object.entries(scripts).filter(([name]) => /^(serve|verbs)\./.test(name));
  return Object.fromEntries(
    chosen.map(([name, text]) => [name.replace(/\.cjs$/, ".compiled"), compiledForm(node, text)]),
  );
}

/** What stands in for the package koffi. */
function koffiIs(how: "here" | "packed"): BuildOptions {
  return { alias: { koffi: `./src/shims/koffi-${how}.ts` } };
}

async function bundle(entry: string, options: BuildOptions): Promise<{ text: string; map: string; inputs: string[] }> {
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
    inject: [join(projectRoot, "src", "shims", "globals.ts")],
    outfile: join(projectRoot, "dist", "unused"),
  });
  const ending = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? "";
  return { text: ending("unused"), map: ending(".map"), inputs: Object.keys(metafile.inputs) };
}

/** What takes zod: what is written as nearly everyone writes it is recognised without (protocol/fast-path.ts). */
const lazyOwn = /[\\/](protocol[\\/](abi|documentation|messages|receipt|sandbox)|json[\\/]schema)\.ts$/;

/** What a start does not need of Node, or of its own, but imports, takes a fifth of the server's start: it is loaded when first used. */
const lazyModules: Plugin = {
  name: "lazy-modules",
  setup({ onResolve, onLoad }) {
    onResolve(
      { filter: /^node:(child_process|crypto|fs\/promises|perf_hooks|readline|tty|v8|zlib)$/ },
      ({ path, namespace }) => (namespace === "file" ? { path, namespace: "lazy" } : { path, external: true }),
    );
    onResolve({ filter: /\.ts$/ }, ({ path, resolveDir, namespace }) => {
      const file = join(resolveDir, path);
      if (namespace !== "file" || !lazyOwn.test(file)) return undefined;
      return { path: `./${relative(projectRoot, file).replaceAll("\\", "/")}`, namespace: "lazy" }; // as the script names it
    });
    onLoad({ filter: /^/, namespace: "lazy" }, async ({ path }) => {
      const module = path.startsWith("./") ? pathToFileURL(join(projectRoot, path)).href : path;
      const names = Object.keys(await import(module))
        .filter((name) => name !== "default")
        .sort();
      const getter = (name: string) => `${name}: { get: () => require("${path}").${name}, enumerable: true },`;
      return {
        resolveDir: projectRoot,
        contents: `Object.defineProperties(exports, { ${names.map(getter).join("\n")} });`,
      };
    });
  },
};
