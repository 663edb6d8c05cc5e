// Runs the conformance suite in Wine: the single executable for Windows is runner and server there, and mingw-w64 has compiled the plugins
// here.

import { execFile } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../support/paths.ts";
import { run } from "../support/run.ts";

/** As `--report=json` has it. */
export interface SuiteOutcome {
  readonly name: string;
  /** null where it is not applicable. */
  readonly passed: boolean | null;
}

const dlrpc = "Z:\\work\\dlrpc.exe";
const conformance = ["conformance", "--plugins=Z:\\work\\plugins", "--report=json", "--jobs=2"];

/**
 * @param program the single executable
 * @param options further ones of the verb, such as --filter
 * @throws Error where there is no report
 */
export async function runSuiteInWine(program: string, options: readonly string[] = []): Promise<SuiteOutcome[]> {
  const work = mkdtempSync(join(tmpdir(), "dlrpc-windows-suite-"));
  try {
    copyFileSync(program, join(work, "dlrpc.exe"));
    const plugins = ["conformance", "--build-plugins", join(work, "plugins")];
    const built = await run(plugins, { env: { CC: "x86_64-w64-mingw32-gcc" } });
    if (built.status !== 0) throw new Error(built.stderr);
    const report = await printedInWine(work, [dlrpc, ...conformance, ...options, "--", dlrpc, "serve"]);
    return (JSON.parse(report) as { outcomes: SuiteOutcome[] }).outcomes;
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** @returns what it printed, whatever its status: that is 1 where a transcript has failed */
async function printedInWine(work: string, command: readonly string[]): Promise<string> {
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
