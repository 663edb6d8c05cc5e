// S8: each worker's directory is its own and goes with it, however it ends, and however dlrpc does.

import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { attempt } from "../support/confined.ts";
import { Host } from "../support/host.ts";
import { fixturesDirectory, plugin } from "../support/paths.ts";
import { spareOf } from "../support/processes.ts";

class Temporary implements Disposable {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), "dlrpc-temporary-")));

  host(options: object = {}): Host {
    return new Host({ env: { TMPDIR: this.path }, ...options });
  }

  get programs(): string[] {
    return readdirSync(this.path);
  }

  /** Those of all workers. */
  get workers(): string[] {
    return this.programs.flatMap((program) => readdirSync(join(this.path, program)));
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

async function loadAndFill(host: Host, temporary: Temporary): Promise<string> {
  const { handle } = await host.result("plugin/load", { path: plugin("attack") });
  await spareOf(host);
  const [own] = temporary.programs;
  const made = await Promise.all(
    temporary.workers.map((worker) => {
      const target = join(temporary.path, own as string, worker, "tmp", "left");
      return attempt(host, handle, { do: "create", target });
    }),
  );
  expect(made.toSorted()).toEqual(["EACCES", "done"]); // the spare's is not its own
  return handle;
}

describe("S8: the directory of a worker goes", () => {
  const ends: Record<string, (host: Host, handle: string) => Promise<unknown>> = {
    "when it is unloaded": (host, handle) => host.result("plugin/unload", { handle }),
    "when it crashes": (host, handle) => attempt(host, handle, { do: "i386_call" }),
    "when it is loaded anew": (host, handle) => host.result("plugin/reload", { handle }),
  };

  test.each(Object.entries(ends))("%s", async (_, end) => {
    using temporary = new Temporary();
    await using host = temporary.host();
    const handle = await loadAndFill(host, temporary);
    const before = temporary.workers;
    await end(host, handle);
    await expect.poll(() => before.filter((worker) => temporary.workers.includes(worker)).length).toBe(1);
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
