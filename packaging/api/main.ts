// Writes docs/api.md: part of `npm run docs`.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../places.ts";
import { apiPage } from "./page.ts";

writeFileSync(join(projectRoot, "docs", "api.md"), await apiPage());
