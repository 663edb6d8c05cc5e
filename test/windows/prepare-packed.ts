// Owns where the single executable for Windows lies when it is tried (inside/packed.ts), and the plugin beside it.

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../support/paths.ts";

export const packedHome = "with spaces, ü and ż";

/** Makes the directory, with the plugin, in `work`. The program is to be put there as dlrpc.exe. */
export function preparePacked(work: string): void {
  const source = join(projectRoot, "fixtures", "plugins", "hello-world");
  const hello = join(work, packedHome, "hello-world");
  mkdirSync(hello, { recursive: true });
  cpSync(join(source, "plugin.json"), join(hello, "plugin.json"));
  const strange = join(work, "strange");
  mkdirSync(join(strange, "hello"), { recursive: true });
  for (const name of ["plugin.json", "aux.txt"]) cpSync(join(source, "plugin.json"), join(strange, "hello", name));
  execFileSync("tar", ["-czf", `${strange}.tar.gz`, "-C", strange, "hello"]);
  rmSync(strange, { recursive: true }); // Windows could not have all of it
  const args = ["-shared", "-I", join(projectRoot, "protocol"), join(source, "hello-world.c")];
  execFileSync("x86_64-w64-mingw32-gcc", [...args, "-o", join(hello, "hello-world.dll")], { stdio: "inherit" });
}
