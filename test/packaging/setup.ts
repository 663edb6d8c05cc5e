// Runs before each file of tests of packages, in its process.

import { packOnce } from "./build.ts";

packOnce();
