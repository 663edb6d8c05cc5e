// Owns the manual page as a file.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { manPage } from "../src/cli/man-page.ts";
import { projectRoot } from "./places.ts";

export const manFile = join(projectRoot, "dist", "dlrpc.1");

export function writeManPage(): void {
  writeFileSync(manFile, manPage());
}
