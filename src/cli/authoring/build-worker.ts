// `dlrpc build-worker`: compiles the worker for a system that dlrpc is not shipped with one for.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ownCLibrary } from "#platform/program/system";
import { requirePart } from "../../platform/program-parts.ts";
import { keepBuiltWorker } from "../../platform/worker-program/built-worker.ts";
import { workerSources } from "../../platform/worker-program/compile.ts";
import { compileOwnWorker, ownCompiler } from "../../platform/worker-program/compile-own.ts";
import { workerTarget } from "../../platform/worker-program/worker-program.ts";
import { cLibraryOf, inspectLibrary } from "../../plugins/formats/index.ts";
import { ownPlatform } from "../../plugins/libraries/platform-directory.ts";
import { CommandError, parseOptions } from "../options.ts";
import { print } from "../text/output.ts";
import { buildWorkerVerb } from "./verbs.ts";

/** @returns the exit status @throws UsageError, CommandError */
export async function runBuildWorker(args: readonly string[]): Promise<number> {
  const options = parseOptions(buildWorkerVerb, args);
  const compiler = options.value("cc") ?? process.env.CC ?? ownCompiler();
  const directory = mkdtempSync(join(tmpdir(), "dlrpc-build-"));
  try {
    for (const name of workerSources) {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), requirePart(`native/${name}`));
    }
    const output = join(directory, "worker.exe"); // cl makes no other
    compileOwnWorker({ compiler, sources: directory, output });
    const program = readFileSync(output);
    const target = targetOf(program, compiler);
    print(`the worker for ${target} is in ${keepBuiltWorker(target, program)}\n`);
    return 0;
  } catch (error) {
    if (error instanceof CommandError || !(error instanceof Error)) throw error;
    throw new CommandError(error.message);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** @throws CommandError where it is for another system than this one */
function targetOf(program: Buffer, compiler: string): string {
  const [image] = inspectLibrary(program);
  const found = image === undefined ? "nothing" : `${image.platform}-${image.arch}`;
  if (found === ownPlatform) return workerTarget(cLibraryOf(image?.needs ?? []) ?? ownCLibrary);
  throw new CommandError(`\`${compiler}\` compiles for ${found}; ${ownPlatform} is needed`);
}
