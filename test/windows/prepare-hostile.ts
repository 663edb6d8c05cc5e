// Builds the hostile plugin for Windows (inside/hostile.ts): of fixtures/hostile what is no system's own, and
// plugins/hostile, which does under the same names what Windows has.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { variants } from "../../fixtures/hostile.ts";
import { manifestText } from "../../fixtures/manifest.ts";
import { projectRoot } from "../support/paths.ts";

const compiler = "x86_64-w64-mingw32-gcc";
const shared = join(projectRoot, "fixtures", "hostile");
const own = join(projectRoot, "test", "windows", "plugins", "hostile");
const common = [
  ...["lies.c", "moments.c"].map((name) => join(shared, name)),
  ...["ends.c", "handles.c", "state.c"].map((name) => join(own, name)),
];
/** What a variant's definitions are for. */
const varying = ["hostile.c", "table.c"].map((name) => join(shared, name));
const includes = ["-include", join(own, "posix.h"), "-I", shared, "-I", join(projectRoot, "protocol")];
const flags = ["-O1", "-Wall", "-Wextra", "-Werror", ...includes];

/** Those that inside/hostile.ts loads. */
const built = [
  ...["hostile", "hostile-table", "hostile-frees"],
  ...["constructor-segv", "constructor-closes-all", "constructor-writes-junk", "constructor-stops"],
  ...["constructor-vanishes", "constructor-daemon", "version-exits", "version-hangs"],
  ...["metadata-wild", "metadata-huge", "metadata-deep", "metadata-many-mistakes"],
] as const satisfies (keyof typeof variants)[];

const manifest = manifestText({ name: "hostile" });

/** Makes work/hostile, with a directory for each variant. */
export function prepareHostile(work: string): void {
  const objects = mkdtempSync(join(tmpdir(), "dlrpc-hostile-"));
  try {
    execFileSync(compiler, ["-c", ...flags, ...common], { cwd: objects, stdio: "inherit" });
    const linked = common.map((source) => join(objects, basename(source).replace(/c$/, "o")));
    for (const name of built) {
      const home = join(work, "hostile", name);
      mkdirSync(home, { recursive: true });
      writeFileSync(join(home, "plugin.json"), manifest);
      const sources = [...varying, ...linked, "-o", join(home, "hostile.dll")];
      execFileSync(compiler, ["-shared", ...flags, ...definitionsOf(name), ...sources, "-static", "-pthread"], {
        stdio: "inherit",
      });
    }
  } finally {
    rmSync(objects, { recursive: true });
  }
}

function definitionsOf(name: (typeof built)[number]): string[] {
  return Object.entries(variants[name]).map(([key, value]) => (value === true ? `-D${key}` : `-D${key}=${value}`));
}
