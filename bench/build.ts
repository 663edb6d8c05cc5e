// Owns how the programs of the benchmark are built. What is missing is an error that says what to install.

import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { compileLibrary, requireCompiler } from "../fixtures/compile.ts";
import { manifestText } from "../fixtures/manifest.ts";
import {
  benchDirectory,
  builtDirectory,
  busyDirectory,
  echoDirectory,
  echoLibrary,
  manyToolsDirectory,
  program,
  streamingDirectory,
  threadsDirectory,
  toolDirectory,
} from "./paths.ts";

export const clientProgram = join(builtDirectory, "client");
export const engineProgram = join(builtDirectory, "rust", "release", "rust-engine");
export const mimalloc = "/usr/lib/x86_64-linux-gnu/libmimalloc.so";
/** The peers with a package.json of their own. */
export const mcpDirectory = join(benchDirectory, "peers", "mcp-sdk");
export const mcpServerDirectory = join(benchDirectory, "peers", "mcp-server");

const debianCrates = "/usr/share/cargo/registry";
const engineNeeds = "apt-get install cargo librust-libloading-dev librust-serde-json-dev librust-serde-derive-dev";

/** @returns the program's path */
export function compileProgram(source: string, output: string): string {
  requireCompiler("c");
  mkdirSync(dirname(output), { recursive: true });
  const flags = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-pthread"];
  execFileSync("cc", [...flags, join(benchDirectory, source), "-o", output, "-ldl"], { stdio: "inherit" });
  return output;
}

/** The plugin that all programs call, in a directory that dlrpc trusts. */
export async function buildEcho(): Promise<void> {
  await buildPlugin("echo", echoDirectory, {});
  await buildPlugin("echo", threadsDirectory, { THREAD_SAFE: true });
}

/** The same, which takes 100 µs for each call. */
export const buildBusy = () => buildPlugin("echo", busyDirectory, { BUSY: true });

/** That plugin as a tool of MCP, and as 200. */
export function buildTools(): void {
  writeTool(toolDirectory, "bench-echo", "Answers with its input");
  for (let i = 0; i < 200; i++) {
    const name = `bench-${String(i).padStart(3, "0")}`;
    writeTool(manyToolsDirectory, name, `Answers with its input, and is number ${i} of those that do`);
  }
}

function writeTool(parent: string, name: string, description: string): void {
  const directory = join(parent, name);
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const input_schema = { type: "object", properties: { text: { type: "string", description: "What to answer with" } } };
  writeFileSync(join(directory, "plugin.json"), manifestText({ name, description, input_schema }), { mode: 0o644 });
  const library = join(directory, `lib${name}.so`);
  rmSync(library, { force: true });
  copyFileSync(echoLibrary, library);
}

/** The plugin that says much before it answers. */
export const buildStreaming = () => buildPlugin("streaming", streamingDirectory, {});

async function buildPlugin(source: string, directory: string, defines: Record<string, true>): Promise<void> {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const name = `bench-${source}`;
  const manifest = manifestText({ name, description: "Of the benchmark" });
  writeFileSync(join(directory, "plugin.json"), manifest, { mode: 0o644 });
  const output = join(directory, `lib${name}.so`);
  await compileLibrary({ language: "c", sources: [join(benchDirectory, `${source}.c`)], output, defines });
}

/** What starts workers by themselves (worker-start.ts). @returns the script */
export async function bundleWorkerStart(): Promise<string> {
  const script = join(builtDirectory, "worker-start.cjs");
  await build({
    entryPoints: [join(benchDirectory, "worker-start.ts")],
    outfile: script,
    bundle: true,
    platform: "node",
    external: ["koffi"],
    define: { __dirname: JSON.stringify(dirname(program)) }, // where the worker is
    logLevel: "warning",
  });
  return script;
}

/** With Debian's crates and without network. Cargo itself sees whether there is anything to do. */
export function buildEngine(): void {
  needFile(join(debianCrates, "libloading-0.7.4"), engineNeeds);
  needProgram("cargo", engineNeeds);
  const sources = ['source.crates-io.replace-with="debian"', `source.debian.directory="${debianCrates}"`];
  const options = ["--release", "--offline", "--quiet", ...sources.flatMap((source) => ["--config", source])];
  execFileSync("cargo", ["build", ...options, "--target-dir", join(builtDirectory, "rust")], {
    cwd: join(benchDirectory, "peers", "rust-engine"),
    stdio: ["ignore", "ignore", "inherit"],
  });
}

export function needMimalloc(): void {
  needFile(mimalloc, "apt-get install libmimalloc-dev");
}

/** Installs the SDK beside its peer; it is no dependency of this project. @param directory of the peer */
export function installSdk(directory: string, name: string): void {
  if (existsSync(join(directory, "node_modules", "@modelcontextprotocol", name))) return;
  execFileSync("npm", ["ci", "--silent", "--ignore-scripts"], {
    cwd: directory,
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** The interpreter itself: `python3` may be a script that looks for one. */
export function findPython(): string {
  needProgram("python3", "apt-get install python3");
  return execFileSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim();
}

export function versionOf(command: string): string {
  return (
    execFileSync(command, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).split("\n")[0] ?? ""
  );
}

function needFile(path: string, how: string): void {
  if (!existsSync(path)) throw new Error(`there is no ${path}; ${how}`);
}

function needProgram(name: string, how: string): void {
  try {
    versionOf(name);
  } catch (error) {
    throw new Error(`\`${name}\` does not run; ${how}`, { cause: error });
  }
}
