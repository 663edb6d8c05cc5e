// Packs the program for every platform that can be packed for here, as a release does.

import { execFileSync } from "node:child_process";
import { projectRoot } from "../support/paths.ts";

export default function build(): void {
  const targets = ["linux-x64", "linux-arm64", "win-x64"];
  execFileSync("npm", ["run", "--silent", "package", "--", "--target", targets.join(",")], {
    cwd: projectRoot,
    stdio: ["ignore", "ignore", "inherit"],
  });
}
