// Owns compiling the worker from its sources in native/.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** What is the same on every system. */
const units = ["control-block", "calls", "channel", "confinement", "host-table", "plugin", "shared-buffer"];
const headers = ["floating-point.h", "frames/frames.h", ...units.map((name) => `${name}.h`)];
/** What each system has of its own, by headers that are the same but for that of threads. */
const systemUnits = ["crash", "give-up", "library", "memory", "orders", "pipes", "shared-pages"];
const systemHeaders = systemUnits.map((name) => `${name}.h`);

/** The sources of the worker for a system, to be compiled with its directory among those of headers. */
function programsFor(system: "posix" | "windows", further: readonly string[] = []): string[] {
  const own = [...systemUnits, "main", "threads", ...further].map((name) => `${system}/${name}.c`);
  return [...units.map((name) => `${name}.c`), ...own];
}

const posixUnits = ["entries", "fault", "life", "measure", "remove"];
const programs = programsFor("posix", posixUnits);
const posixHeaders = [...posixUnits, "threads"].map((name) => `posix/${name}.h`);
const compatibility = ["posix/start.c", "posix/old-glibc.h"];

export const windowsPrograms = programsFor("windows", ["errors", "handles"]);
const windowsHeaders = ["errors", "handles", "threads"].map((name) => `windows/${name}.h`);

/** What macOS has of its own; the rest it shares with other POSIX systems. */
const macosUnits = ["entries", "fault", "library", "life", "orders", "shared-pages"];
/** The sources of the worker for macOS; its headers are those of POSIX. */
export const macosPrograms = programs.map((name) =>
  macosUnits.some((unit) => name === `posix/${unit}.c`) ? name.replace("posix", "macos") : name,
);

/** All files of native/ that `dlrpc build-worker` compiles, or includes, on any system. */
export const workerSources = [
  ...new Set([...programs, ...windowsPrograms, ...macosPrograms, ...headers, ...systemHeaders]),
  ...[...posixHeaders, ...windowsHeaders, ...compatibility],
];

/** What the worker has of the C language and of warnings, whoever compiles it. */
export const language = "-std=c11 -O2 -Wall -Wextra -Werror".split(" ");

const common = [...language, ..."-D_GNU_SOURCE -fPIE -pie -fvisibility=hidden".split(" ")];

/** Takes all from glibc as 2.28 has it, where some of it was in libraries of their own. */
const forOldGlibc = (sources: string) => [
  ...["-include", join(sources, "posix", "old-glibc.h"), "-nostartfiles", join(sources, "posix", "start.c")],
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
  const files = programs.map((name) => join(sources, name));
  const libraries = isForOldGlibc ? forOldGlibc(sources) : ["-ldl", "-lpthread", "-lm"];
  const directories = ["-I", sources, "-I", join(sources, "posix")];
  runCompiler(compiler, [...common, ...directories, ...flags, ...files, ...libraries], output);
}

/**
 * @param naming what names the output, where that is not `-o`
 * @throws Error with what the compiler says
 */
export function runCompiler(
  compiler: string,
  args: readonly string[],
  output: string,
  naming: readonly string[] = ["-o", output],
): void {
  const [command = "", ...first] = compiler.split(/\s+/).filter((word) => word !== "");
  const { error, status, signal, stdout, stderr } = spawnSync(command, [...first, ...args, ...naming], {
    encoding: "utf8",
  });
  if (error !== undefined) throw new Error(`\`${command}\` cannot be run (${error.message}); a C compiler is needed`);
  if (status === 0 && existsSync(output)) return;
  const said = `${stdout}${stderr}`.trim(); // cl says it on stdout
  const why = said === "" ? ` (it ended with ${signal ?? `status ${status}`} and made no program)` : `:\n${said}`;
  throw new Error(`\`${compiler}\` does not compile the worker${why}`);
}
