// Owns making Node and the program a single executable (https://nodejs.org/api/single-executable-applications.html).

import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "postject";
import { mainScript } from "./bundle.ts";
import { removeWindowsSignature } from "./signature.ts";
import type { Target } from "./targets.ts";
import { withoutVariables } from "./variables.ts";

/** What Node looks for in itself to know that it holds a program. */
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

export interface ExecutableOptions {
  readonly target: Target;
  /** The executable of Node for the target. */
  readonly node: string;
  /** Its scripts, by name, and what was made of them. */
  readonly scripts: Readonly<Record<string, string | Uint8Array>>;
  /** The other files inside it, by the names by which the program asks for them. */
  readonly files: Readonly<Record<string, string>>;
  /** The directory to put it in. */
  readonly output: string;
}

/** @returns the path of the packed program */
export async function buildExecutable(options: ExecutableOptions): Promise<string> {
  const { target, node, scripts, files, output } = options;
  const work = mkdtempSync(join(output, ".building-"));
  try {
    const executable = join(work, target.executable);
    copyFileSync(node, executable);
    chmodSync(executable, 0o755);
    prepare(target, executable); // before the injection: after it the file would break
    writeFileSync(executable, withoutVariables(readFileSync(executable)));
    const blob = readFileSync(buildBlob(work, scripts, files));
    await inject(executable, "NODE_SEA_BLOB", blob, { sentinelFuse: FUSE, machoSegmentName: "NODE_SEA" });
    if (target.name.startsWith("darwin-")) execFileSync("codesign", ["--sign", "-", executable]); // it runs nothing unsigned
    renameSync(executable, join(output, target.executable));
  } finally {
    rmSync(work, { recursive: true });
  }
  return join(output, target.executable);
}

/** Takes off what is of no use to the program: symbols, and a signature that will no longer be right. */
function prepare(target: Target, executable: string): void {
  const tool = { "linux-x64": "x86_64-linux-gnu-strip", "linux-arm64": "aarch64-linux-gnu-strip" }[target.name];
  if (tool !== undefined) strip(tool, executable);
  if (target.name.startsWith("win-")) removeWindowsSignature(executable);
  if (target.name.startsWith("darwin-")) {
    execFileSync("codesign", ["--remove-signature", executable]);
    execFileSync("strip", ["-x", executable]);
  }
}

function strip(tool: string, executable: string): void {
  const { error, status } = spawnSync(tool, [executable], { stdio: "inherit" });
  if (error !== undefined)
    throw new Error(`${tool} cannot be run (${error.message}); Debian has it in a package binutils-…`);
  if (status !== 0) throw new Error(`${tool} ended with status ${status}`);
}

function buildBlob(
  work: string,
  scripts: ExecutableOptions["scripts"],
  files: Readonly<Record<string, string>>,
): string {
  const assets = { ...files };
  for (const [name, content] of Object.entries(scripts)) {
    writeFileSync(join(work, name), content);
    if (name !== mainScript) assets[name] = name;
  }
  const settings = {
    main: mainScript, // without a directory: the path becomes part of the program
    output: "blob",
    assets,
    disableExperimentalSEAWarning: true,
    execArgvExtension: "none", // nothing in the environment adds options of Node's, NODE_OPTIONS included
    execArgv: ["--disable-sigusr1"], // a signal opens no inspector
    useCodeCache: false, // it differs from build to build, and with the processor; what matters is compiled by compiled.ts
  };
  writeFileSync(join(work, "sea-config.json"), JSON.stringify(settings));
  const stdio = ["ignore", "ignore", "inherit"] as const;
  execFileSync(process.execPath, ["--experimental-sea-config", "sea-config.json"], { cwd: work, stdio: [...stdio] });
  return join(work, "blob");
}
