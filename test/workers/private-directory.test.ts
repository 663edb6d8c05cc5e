// S8: each worker's directory is its own and goes with it, however it ends, and however dlrpc does.

import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { attempt } from "../support/confined.ts";
import { Host } from "../support/host.ts";
import { fixturesDirectory, plugin } from "../support/paths.ts";

class Temporary implements Disposable {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), "dlrpc-temporary-")));

  host(options: object = {}): Host {
    return new Host({ env: { TMPDIR: this.path }, ...options });
  }

  get programs(): string[] {
    return readdirSync(this.path);
  }

  /** Those of workers, and those of the code that they load. */
  get directories(): string[] {
    return this.programs.flatMap((program) => readdirSync(join(this.path, program)).map((name) => join(program, name)));
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

/** Loads a plugin that leaves a file in its directory. */
async function loadAndFill(host: Host, temporary: Temporary): Promise<string> {
  const { handle } = await host.result("plugin/load", { path: plugin("attack") });
  const outcomes: string[] = [];
  for (const directory of temporary.directories) {
    outcomes.push(await attempt(host, handle, { do: "create", target: join(temporary.path, directory, "left") }));
  }
  expect(outcomes.toSorted()).toEqual(["EACCES", "done"]); // the code's is not its own to write to
  return handle;
}

describe("S8: the directory of a worker goes", () => {
  /** How, and how many directories are new afterwards. */
  const ends: Record<string, [end: (host: Host, handle: string) => Promise<unknown>, made: number]> = {
    "when it is unloaded, and that of its code": [(host, handle) => host.result("plugin/unload", { handle }), 0],
    "when it crashes, and the code stays": [(host, handle) => attempt(host, handle, { do: "crash" }), 1],
    "when it is loaded anew, and that of its code": [(host, handle) => host.result("plugin/reload", { handle }), 2],
  };

  test.each(Object.entries(ends))("%s", async (_, [end, made]) => {
    using temporary = new Temporary();
    await using host = temporary.host();
    const handle = await loadAndFill(host, temporary);
    const before = temporary.directories;
    await end(host, handle);
    const kept = 2 * Number(made > 0) - made;
    const now = () => ({
      kept: temporary.directories.filter((directory) => before.includes(directory)).length,
      made: temporary.directories.filter((directory) => !before.includes(directory)).length,
    });
    await expect.poll(now).toEqual({ kept, made });
  });

  test("and all of them when dlrpc ends", async () => {
    using temporary = new Temporary();
    await using host = temporary.host();
    await loadAndFill(host, temporary);
    expect(await host.end()).toEqual({ status: 0, signal: null });
    expect(temporary.programs).toEqual([]);
  });

  test("and when the next dlrpc starts, where the last one was killed", async () => {
    using temporary = new Temporary();
    const killed = temporary.host();
    await loadAndFill(killed, temporary);
    killed.child.kill("SIGKILL");
    await killed.exit();
    const [left] = temporary.programs;
    mkdirSync(join(temporary.path, "dlrpc-privately"), { mode: 0o700 }); // of another name, and none of its business
    await using living = temporary.host();
    await using next = temporary.host();
    await Promise.all([living.load("counter"), next.load("counter")]);
    await expect.poll(() => temporary.programs).not.toContain(left);
    expect(temporary.programs).toContain("dlrpc-privately");
    expect(temporary.programs).toHaveLength(3);
    await Promise.all([living.load("counter"), next.load("counter")]);
  });
});

test("S8: without a place for it plugins work, without a directory, and the log says so", async () => {
  const withhold = join(dirname(fixturesDirectory), "withhold");
  await using host = new Host({ through: [withhold, "directories"] });
  const { handle, warnings } = await host.result("plugin/load", { path: plugin("attack") });
  expect(warnings).toEqual([]);
  expect(await attempt(host, handle, { do: "create", target: "/tmp/dlrpc-must-not-be" })).toBe("EACCES");
  const { data, message } = await host.error("plugin/load", { path: plugin("companion") });
  expect([data.kind, message]).toEqual(["LIBRARY_LOAD_FAILED", expect.stringContaining("libgreeting.so")]);
  expect(host.stderr).toMatch(/no directory for temporary files can be written to.*TMPDIR/);
});
