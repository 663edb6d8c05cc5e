// Packs the program for every platform that can be packed for here, as a release does: not before all tests, but before the
// first file that looks into a package (vitest.config.ts; one of these runs at a time).

import { execFileSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../support/paths.ts";

/** Is there once this run of vitest has packed. */
const mark = join(projectRoot, "dist", "is-packed");

/** When a run begins, what an earlier one has packed is another program. */
export default (): void => rmSync(mark, { force: true });

export function packOnce(): void {
  if (existsSync(mark)) return;
  const targets = ["linux-x64", "linux-arm64", "win-x64"];
  execFileSync("npm", ["run", "--silent", "package", "--", "--target", targets.join(",")], {
    cwd: projectRoot,
    stdio: ["ignore", "ignore", "inherit"],
  });
  writeFileSync(mark, "");
}
