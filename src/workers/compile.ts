// Owns compiling the worker from its sources in native/.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const units = ["board", "calls", "channel", "confinement", "crash", "host-table", "measure", "plugin", "remove"];
const programs = ["main.c", ...units.map((name) => `${name}.c`)];
const headers = ["floating-point.h", "frames.h", ...units.map((name) => `${name}.h`)];
const compatibility = ["start.c", "old-glibc.h"];

/** All files of native/. */
export const workerSources = [...programs, ...headers, ...compatibility];

/** What the worker has of the C language and of warnings, whoever compiles it. */
const common = "-std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -fPIE -pie -fvisibility=hidden".split(" ");

/** Takes all from glibc as 2.28 has it, where some of it was in libraries of their own. */
const forOldGlibc = (sources: string) => [
  ...["-include", join(sources, "old-glibc.h"), "-nostartfiles", join(sources, "start.c")],
  ...["-Wl,--no-as-needed", "-l:libpthread.so.0", "-l:libdl.so.2", "-Wl,--as-needed", "-s"],
];

export interface CompileOptions {
  /** The command, such as `cc` or `ccache gcc`. */
  readonly compiler: string;
  /** The directory with the sources. */
  readonly sources: string;
  readonly output: string;
  /** Whether it is to run with older glibcs than the compiler's own, from 2.28 on. */
  readonly isForOldGlibc?: boolean;
  /** Further arguments. */
  readonly flags?: readonly string[];
}

/** @throws Error with what the compiler says */
export function compileWorker({ compiler, sources, output, isForOldGlibc = false, flags = [] }: CompileOptions): void {
  const [command = "", ...first] = compiler.split(/\s+/).filter((word) => word !== "");
  const files = programs.map((name) => join(sources, name));
  const libraries = isForOldGlibc ? forOldGlibc(sources) : ["-ldl", "-lpthread", "-lm"];
  const args = [...first, ...common, ...flags, ...files, ...libraries, "-o", output];
  const { error, status, signal, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (error !== undefined) throw new Error(`\`${command}\` cannot be run (${error.message}); a C compiler is needed`);
  if (status === 0 && existsSync(output)) return;
  const said = stderr.trim();
  const why = said === "" ? ` (it ended with ${signal ?? `status ${status}`} and made no program)` : `:\n${said}`;
  throw new Error(`\`${compiler}\` does not compile the worker${why}`);
}
