// Makes dlrpc/client in dist: a module for Node, by `require` and by `import`, one for bundlers, and the declarations.
// Each holds all that it needs: of vscode-jsonrpc, which asks for Node's modules by `require`, no ESM bundle could be made.

import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { projectRoot } from "./places.ts";

/** Node's own modules are imported, whoever asks for them and how. */
const importedBuiltins: Plugin = {
  name: "imported-builtins",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(crypto|fs|net|os|path|util)$/ }, ({ path, kind }) =>
      kind === "require-call" ? { path, namespace: "builtin" } : null,
    );
    onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({ contents: `export * from "node:${path}";` }));
  },
};

const modules: Readonly<Record<string, BuildOptions>> = {
  "client.cjs": { format: "cjs", define: { "import.meta.dirname": "__dirname" } },
  // By the condition "module", which bundlers know and Node does not. It will not lie beside the program.
  "client-bundled.js": { format: "esm", define: { "import.meta.dirname": "undefined" }, plugins: [importedBuiltins] },
};

const licence = readFileSync(join(projectRoot, "node_modules", "vscode-jsonrpc", "License.txt"), "utf8");
const notice = `/*! Holds vscode-jsonrpc:\n${licence.replaceAll("\r", "")}*/`; // bundlers keep such comments

for (const [name, options] of Object.entries(modules)) {
  await build({
    ...options,
    absWorkingDir: projectRoot,
    entryPoints: ["src/client/index.ts"],
    bundle: true,
    platform: "node",
    target: "node22",
    minifySyntax: true,
    minifyWhitespace: true, // the names stay, for stacks
    banner: { js: notice },
    outfile: join("dist", name),
    logLevel: "warning",
  });
}

// The same classes by both ways, for `instanceof`.
writeFileSync(join(projectRoot, "dist", "client.js"), 'export * from "./client.cjs";\n');

const declarations = join(projectRoot, "dist", "client");
const forRequire = join(projectRoot, "dist", "client-require");
const compiler = join(projectRoot, "node_modules", "typescript", "bin", "tsc"); // what is in .bin is a script of a shell on Windows
execFileSync(process.execPath, [compiler, "-p", "tsconfig.client.json"], { stdio: "inherit" });
rmSync(forRequire, { recursive: true, force: true });
cpSync(declarations, forRequire, { recursive: true });
writeFileSync(join(forRequire, "package.json"), '{ "type": "commonjs" }\n'); // what tells the two apart
