// S8: what a plugin has in its TMPDIR has limits. Who passes one is ended, and the error says which; what takes no room, has
// several names or lies elsewhere does not count.

import { chmodSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { exited } from "../support/calls.ts";
import { attempt, users } from "../support/confined.ts";
import { Host } from "../support/host.ts";
import { plugin } from "../support/paths.ts";

vi.setConfig({ testTimeout: 120_000 }); // for many files, on a machine that may have other work

/** Where many files are made fast, and where large ones take no memory. */
const FAST = "/dev/shm";
const LARGE = "/var/tmp";

// Root, to whom nothing is closed, is the easier case.
describe.each(users.slice(-1))("S8: as $name", ({ through }) => {
  class Scene implements Disposable {
    readonly path: string;
    readonly host: Host;

    constructor(place: string) {
      this.path = realpathSync(mkdtempSync(join(place, "dlrpc-temporary-files-")));
      chmodSync(this.path, 0o777);
      this.host = new Host({ env: { TMPDIR: this.path }, through });
    }

    async load(sandbox: object = {}): Promise<string> {
      await this.host.result("initialize", { notifications: ["exited"] });
      const { handle, warnings } = await this.host.result("plugin/load", { path: plugin("temporary"), sandbox });
      expect(warnings).toEqual([]);
      return handle;
    }

    get directories(): string[] {
      return readdirSync(this.path).flatMap((program) => readdirSync(join(this.path, program)));
    }

    /** That of the worker that was started last: the other one holds the code. */
    get last(): string {
      return this.directories.toSorted((one, other) => Number(one) - Number(other)).at(-1) as string;
    }

    async goneIs(directory: string): Promise<void> {
      await expect.poll(() => this.directories, { timeout: 60_000 }).not.toContain(directory);
    }

    [Symbol.dispose](): void {
      rmSync(this.path, { recursive: true, force: true });
    }
  }

  test.each([
    [FAST, "entries", "entries", 100_000, "files and directories"],
    [LARGE, "bytes", "mebibytes", 4096, "MiB"],
    [FAST, "levels", "levels", 1000, "directories in one another"],
    [FAST, "closed", "entries", 100_000, "files and directories"],
  ])(
    "in %s, %s: too much of it ends the plugin, and the next call works",
    async (place, way, resource, limit, unit) => {
      using scene = new Scene(place);
      await using host = scene.host;
      const handle = await scene.load();
      const { last } = scene;
      const { message, data } = await host.error("plugin/execute", { handle, input: { do: way } });
      expect(data).toMatchObject({
        kind: "PLUGIN_CRASHED",
        reason: "temporary-files",
        resource,
        limit,
        signal: "SIGKILL",
      });
      expect(data.actual).toBeGreaterThan(limit);
      expect(message).toBe(
        `The plugin crashed while a call ran: it had ${data.actual} ${unit} in its TMPDIR, ${limit} are allowed`,
      );
      expect(await exited(host, handle)).toMatchObject({ reason: "crash", willRestart: true });
      await scene.goneIs(last);
      expect(await attempt(host, handle, { do: "few" })).toBe("done");
    },
  );

  test.each(["holes", "names", "links", "few"])("%s: is not too much", async (way) => {
    using scene = new Scene(LARGE);
    await using host = scene.host;
    const handle = await scene.load();
    expect(await attempt(host, handle, { do: way })).toBe("done");
    expect((await host.result("plugin/list")).plugins[0].stats.crashes).toBe(0);
  });

  test.each(["at_once", "after_the_call"])("%s: what nobody waits for any more is seen, too", async (way) => {
    using scene = new Scene(FAST);
    await using host = scene.host;
    const handle = await scene.load();
    const { last } = scene;
    expect(await attempt(host, handle, { do: way })).toBe("done");
    expect(await exited(host, handle)).toMatchObject({ signal: "SIGKILL", reason: "crash" });
    await scene.goneIs(last);
  });

  test("a plugin that is not confined has no such limit", async () => {
    using scene = new Scene(FAST);
    await using host = scene.host;
    const handle = await scene.load({ profile: "none" });
    expect(await attempt(host, handle, { do: "at_once" })).toBe("done");
    expect(await attempt(host, handle, { do: "links" })).toBe("done");
  });
});
