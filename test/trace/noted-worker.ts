// Owns a form of the worker whose functions note that they are entered and left: compiled so from the same sources.

import { execFileSync } from "node:child_process";
import { join, relative } from "node:path";
import { compileWorker } from "../../src/platform/worker-program/compile.ts";
import { projectRoot } from "../support/paths.ts";
import type { Place } from "./place.ts";

const compiler = process.env.CC ?? "cc";
const recorder = join(projectRoot, "test", "trace", "note-entry.c");

/** @param notes the file that is appended to @returns what says of the addresses there which functions they are */
export function compileNotedWorker(output: string, notes: string): (addresses: readonly string[]) => Place[] {
  const flags = ["-g", "-O0", "-finstrument-functions", `-DNOTES="${notes}"`, recorder];
  compileWorker({ compiler, sources: join(projectRoot, "native"), output, flags });
  return (addresses) => {
    const args = ["-f", "-e", output, ...addresses];
    const lines = execFileSync("addr2line", args, { encoding: "utf8" }).trim().split("\n");
    return addresses.map((_, index) => {
      const [name = "", place = ""] = lines.slice(2 * index);
      const [file = "", line = ""] = place.split(":");
      return { name, file: relative(projectRoot, file), line: Number.parseInt(line, 10) };
    });
  };
}
