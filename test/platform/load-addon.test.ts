// The native addon of the packed program, loaded in each half: what it exports is there, and no file is left.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { retryWhileHeld } from "../../src/platform/portable/files/retry-while-held.ts";
import { projectRoot } from "../support/paths.ts";

const platform = `${process.platform}-${process.arch}`;
const addon = createRequire(import.meta.url)
  .resolve(`@koromix/koffi-${platform}/package.json`)
  .replace("package.json", `${platform.replace("-", "_")}/koffi.node`);

function script(half: string, bytes: string): string[] {
  const module = JSON.stringify(join(projectRoot, "src", "platform", half, "program", "load-addon.ts"));
  const text = `
    import { readFileSync } from "node:fs";
    import { loadAddon } from ${module};
    console.log(typeof loadAddon("koffi", ${bytes}).load);`;
  return ["--input-type=module", "--eval", text];
}

test.each(["linux", "portable"])("%s", (half) => {
  const temporary = mkdtempSync(join(tmpdir(), "dlrpc-addon-"));
  try {
    const env = { ...process.env, TMPDIR: temporary };
    const said = execFileSync(process.execPath, script(half, `readFileSync(${JSON.stringify(addon)})`), { env });
    expect([String(said), readdirSync(temporary)]).toEqual(["function\n", []]);
  } finally {
    rmSync(temporary, { recursive: true });
  }
});

test("portable: one that is damaged, and no directory for it: the error names the place and the reason", () => {
  const damaged = spawnSync(process.execPath, script("portable", 'Buffer.from("no library")'), { encoding: "utf8" });
  expect(damaged.stderr).toMatch(/no directory was found to hold it:\n {2}\/.*: .*(file too short|invalid ELF header)/);
  const env = { ...process.env, TMPDIR: dirname("/nowhere/at/all") };
  const without = spawnSync(process.execPath, script("portable", 'Buffer.from("")'), { encoding: "utf8", env });
  expect(without.stderr).toMatch(/ {2}\/nowhere\/at: ENOENT.*\nSet TMPDIR to a directory/);
});

const refused = (code: string) => Object.assign(new Error(`${code}: rename`), { code });

test("a file that a virus scanner holds for a moment is waited for, and no longer than a second", () => {
  let tries = 0;
  const held = (times: number) => () => {
    if (tries++ < times) throw refused("EBUSY");
    return "done";
  };
  expect(retryWhileHeld(held(3))).toBe("done");
  tries = 0;
  expect(() => retryWhileHeld(held(1000))).toThrow(
    "EBUSY: rename (it was refused for 1 s; a virus scanner may hold it)",
  );
  expect(tries).toBe(20);
  const full = () =>
    retryWhileHeld(() => {
      throw refused("ENOSPC");
    });
  expect(full).toThrow(/^ENOSPC: rename$/);
});
