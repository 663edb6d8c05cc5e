// The client in other people's bundles, which are CommonJS or ESM, and in each Node that it is for.

import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fixturesDirectory, program, projectRoot } from "../support/paths.ts";
import { TemporaryDirectory } from "../support/temporary-directory.ts";
import { installBundlers, lacksBundlers, nodes, webpackProgram } from "./bundlers.ts";
import { cleanEnvironment } from "./support.ts";

const project = new TemporaryDirectory();
const at = (name: string) => join(project.path, name);

/** An extension, after its import of the client. */
const extension = `
export async function use(command: string | [string, ...string[]] | undefined, plugins: string): Promise<string> {
  const host = await spawnDlrpc({ command, trust: [plugins] });
  try {
    const plugin = await host.load({ name: "hello-world" });
    const { success } = await plugin.execute({ name: "Ada" });
    const hostile = await host.load(plugins + "/hostile");
    const error: unknown = await hostile.execute({ do: "segv" }).catch((reason: unknown) => reason);
    const isCrash = error instanceof PluginCrashedError && error instanceof DlrpcError;
    const signal = error instanceof DlrpcError && error.kind === "PLUGIN_CRASHED" ? error.data.signal : undefined;
    return [success, isCrash, (error as Error).name, signal].join(" ");
  } finally {
    await host.shutdown();
  }
}
`;
const names = "DlrpcError, PluginCrashedError, spawnDlrpc";
const said = "true true PluginCrashedError SIGSEGV";

async function bundle(name: string, entry: string, options: BuildOptions): Promise<void> {
  const both = { bundle: true, platform: "node", target: "node22", outfile: at(name), logLevel: "silent" } as const;
  const { warnings } = await build({ ...both, absWorkingDir: project.path, entryPoints: [entry], ...options });
  expect(warnings).toEqual([]);
}

function runNode(node: string, ...args: string[]) {
  return spawnSync(node, args, { cwd: project.path, env: cleanEnvironment, encoding: "utf8" });
}

/** A bundle's name → how it is made. Each is made once, and used by every Node. */
const bundles: Record<string, () => void | Promise<void>> = {
  "esbuild.cjs": () => bundle("esbuild.cjs", "extension.ts", { format: "cjs" }),
  "minified.cjs": () => bundle("minified.cjs", "extension.ts", { format: "cjs", minify: true }),
  "esbuild.mjs": () => bundle("esbuild.mjs", "extension.ts", { format: "esm" }),
  "requires.cjs": () => bundle("requires.cjs", "requires.ts", { format: "cjs" }),
  "webpack.cjs": () => {
    const configuration = {
      context: project.path,
      entry: "./extension.mjs",
      target: "node22",
      mode: "production",
      output: { path: project.path, filename: "webpack.cjs", library: { type: "commonjs2" } },
    };
    put(
      "webpack-it.cjs",
      `require(${JSON.stringify(webpackProgram)})(${JSON.stringify(configuration)}, (error, stats) => {
        if (error) throw error;
        process.stdout.write(stats.toString({ all: false, errors: true, warnings: true }));
      });`,
    );
    expect(runNode(process.execPath, "webpack-it.cjs")).toMatchObject({ stdout: "", stderr: "", status: 0 });
  },
  // Not bundled: compiled, in a package that is CommonJS, strictly, and with a look into the declarations themselves.
  "compiled.js": () => {
    const compilerOptions = { module: "node16", target: "es2023", lib: ["es2024", "esnext.disposable"], strict: true };
    const how = { types: ["node"], exactOptionalPropertyTypes: true, outDir: "." };
    put("tsconfig.json", JSON.stringify({ compilerOptions: { ...compilerOptions, ...how }, files: ["compiled.ts"] }));
    const tsc = join(projectRoot, "node_modules", ".bin", "tsc");
    expect(spawnSync(tsc, ["-p", project.path], { encoding: "utf8" })).toMatchObject({ stdout: "", status: 0 });
  },
};

function put(name: string, text: string): void {
  writeFileSync(at(name), text);
}

beforeAll(async () => {
  mkdirSync(at("node_modules/@types"), { recursive: true });
  symlinkSync(projectRoot, at("node_modules/dlrpc"));
  for (const name of ["@types/node", "undici-types"]) {
    symlinkSync(join(projectRoot, "node_modules", name), at(join("node_modules", name)));
  }
  put("package.json", "{}"); // CommonJS
  put("extension.ts", `import { ${names} } from "dlrpc/client";\n${extension}`);
  put("compiled.ts", `import { ${names} } from "dlrpc/client";\n${extension}`);
  put("requires.ts", `const { ${names} } = require("dlrpc/client");\n${extension}`);
  await bundle("extension.mjs", "extension.ts", { bundle: false, format: "esm" });
  put(
    "run.cjs",
    `const [command, plugins, ...bundles] = process.argv.slice(2);
    (async () => {
      for (const name of bundles) {
        const { use } = (name.endsWith(".mjs") ? await import("./" + name) : require("./" + name));
        console.log(name, await use(command === "" ? undefined : JSON.parse(command), plugins).catch((error) => error.message + " " + error.hint));
      }
    })();`,
  );
});

afterAll(() => project[Symbol.dispose]());

test.skipIf(lacksBundlers())(`the client works in each bundle, in each Node (${installBundlers})`, async () => {
  for (const make of Object.values(bundles)) await make();
  const command = JSON.stringify([process.execPath, program]);
  const runs = Object.entries(nodes).map(([major, node]) => {
    const { stdout, stderr } = runNode(node, "run.cjs", command, fixturesDirectory, ...Object.keys(bundles));
    return [major, stdout, stderr];
  });
  const expected = Object.keys(bundles).map((name) => `${name} ${said}\n`);
  expect(runs).toEqual(Object.keys(nodes).map((major) => [major, expected.join(""), ""]));
});

test("without `command` a bundle says what it lacks", async () => {
  await bundle("alone.cjs", "extension.ts", { format: "cjs" });
  const { stdout } = runNode(process.execPath, "run.cjs", "", fixturesDirectory, "alone.cjs");
  expect(stdout).toMatch(
    /^alone\.cjs dlrpc could not be started: .*as in a bundled program .* Set `command`, or DLRPC_BIN/,
  );
});

// Electron's own binary comes from nowhere that tests may download from. What matters of it is this: it is no Node unless
// ELECTRON_RUN_AS_NODE says so.
test("in Electron, whose execPath is a browser, a script is run as by Node", async () => {
  await bundle("extension.cjs", "extension.ts", { format: "cjs" });
  const electron = `#!/bin/sh\n[ "$ELECTRON_RUN_AS_NODE" = 1 ] && exec '${process.execPath}' "$@"\nexit 99\n`;
  writeFileSync(at("electron"), electron, { mode: 0o755 });
  put(
    "in-electron.cjs",
    `Object.defineProperty(process.versions, "electron", { value: "45.3.4" });
    process.execPath = ${JSON.stringify(at("electron"))};
    require("./extension.cjs").use(${JSON.stringify(program)}, ${JSON.stringify(fixturesDirectory)}).then(console.log);`,
  );
  expect(runNode(process.execPath, "in-electron.cjs")).toMatchObject({ stdout: `${said}\n`, stderr: "" });
});
