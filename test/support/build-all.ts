// Builds what the tests run, from a shell.

import build from "./build.ts";

await build();
