// wine.sh where Wine's server ends before the program does: what is in Wine would wait for ever.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { lacks } from "../../fixtures/tools.ts";
import { projectRoot } from "../support/paths.ts";
import { descendantsOf, killIfThere } from "../support/processes.ts";

/** Other tests in Wine may have their turn first. */
const SLOW_MS = 1_200_000;

const here = join(projectRoot, "test", "windows");
const tools = ["x86_64-w64-mingw32-gcc", "wine"] as const;

test.skipIf(tools.some(lacks))("the end of Wine's server is the end, and is said", { timeout: SLOW_MS }, async () => {
  const work = mkdtempSync(join(tmpdir(), "dlrpc-windows-server-"));
  try {
    const idle = join(work, "idle.exe");
    execFileSync("x86_64-w64-mingw32-gcc", [join(here, "plugins", "idle.c"), "-o", idle], { stdio: "inherit" });
    const script = spawn(join(here, "wine.sh"), [work, "Z:\\work\\idle.exe"], { stdio: ["ignore", "ignore", "pipe"] });
    const said = text(script.stderr);
    const ended = once(script, "exit");
    const running = (name: string) => descendantsOf(script.pid as number).find((pid) => nameOf(pid) === name);
    await expect.poll(() => running("idle.exe"), { timeout: SLOW_MS }).toBeDefined();
    killIfThere(running("wineserver64") as number);
    expect(await ended).toEqual([137, null]);
    expect(await said).toMatch(/Wine's server has ended before the program/);
  } finally {
    rmSync(work, { recursive: true });
  }
});

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trimEnd();
  } catch {
    return ""; // it has just ended
  }
}
