// Where the directory for temporary files is of no use, or programs in memory are not to be run, there is another way.

import { mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { call, listed } from "../support/calls.ts";
import { mappedFiles } from "../support/holdings.ts";
import { Host } from "../support/host.ts";
import { fixturesDirectory } from "../support/paths.ts";

/** Of a plugin whose names are found, and of its worker nothing (E21). */
const backtrace = [{ function: "segv" }, { function: "perform" }, { function: "vtcode_plugin_execute" }];

/** A host whose TMPDIR is a file system of its own. */
async function mounted(options: string, use: (host: Host) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "dlrpc-mounted-"));
  const script = `mount -t tmpfs -o ${options} none "$TMPDIR"; exec "$@"`;
  const through = ["unshare", "--map-root-user", "--mount", "sh", "-euc", script, "sh"];
  {
    await using host = new Host({ through, env: { TMPDIR: directory } });
    await use(host);
    expect(await host.finish()).toEqual({ status: 0, signal: null });
  }
  rmSync(directory, { recursive: true });
}

describe.each([
  ["files there must not be run", "noexec", /^$/],
  ["it is full", "size=8k", /^dlrpc: warn: .*libhostile\.so .*is loaded from memory: .*ENOSPC/],
])("%s:", (_, options, says) => {
  test("a plugin is loaded from memory, again after a crash", async () => {
    await mounted(options, async (host) => {
      const handle = await host.load("hostile");
      for (let i = 0; i < 2; i++) {
        const { count, pid } = (await call(host, handle, "count")).result.output;
        expect(count).toBe(1);
        expect(mappedFiles(pid)).toContain("/memfd:libhostile.so (deleted)");
        const { error } = await call(host, handle, "segv");
        expect(error?.data).toMatchObject({ kind: "PLUGIN_CRASHED", backtrace });
      }
      expect(host.stderr).toMatch(says);
    });
  });

  test("S8: one that needs a library from beside it is loaded from another place", async () => {
    await mounted(options, async (host) => {
      const handle = await host.load("companion", { sandbox: { profile: "strict" } });
      expect((await host.result("plugin/execute", { handle })).output).toEqual({ edition: "first" });
      await host.result("plugin/unload", { handle });
    });
  });
});

test("programs in memory are not to be run: the worker is run from a file without a name", async () => {
  const directory = mkdtempSync(join(tmpdir(), "dlrpc-nameless-"));
  const withhold = join(dirname(fixturesDirectory), "withhold");
  {
    const options = {
      through: [withhold, "programs-in-memory"],
      env: { TMPDIR: directory },
      args: ["--log-level=info"],
    };
    await using host = new Host(options);
    const handle = await host.load("hostile");
    const { pid } = await listed(host, handle);
    expect(readlinkSync(`/proc/${pid}/exe`)).toMatch(new RegExp(`^${directory}/.* \\(deleted\\)$`));
    expect(readdirSync(directory)).toEqual([expect.stringMatching(/^dlrpc-private-/)]);
    const { error } = await call(host, handle, "segv");
    expect(error?.data).toMatchObject({ kind: "PLUGIN_CRASHED", backtrace });
    expect((await call(host, handle, "count")).result.output.count).toBe(1);
    expect(host.stderr).toMatch(
      /the worker is run from a file, as programs in memory are not to be run here: .*EACCES/,
    );
    expect(await host.finish()).toEqual({ status: 0, signal: null });
  }
  expect(readdirSync(directory)).toEqual([]);
  rmSync(directory, { recursive: true });
});
