// S11, T8: what dlrpc itself relies on, and where a plugin may write; and which workspaces an operator allows.

import { mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { Surroundings, users } from "../support/confined.ts";
import { Host, type HostOptions } from "../support/host.ts";
import { fixturesDirectory, plugin, program } from "../support/paths.ts";
import { run } from "../support/run.ts";
import { KeyDirectory } from "../support/signing.ts";

const path = plugin("attack");
const someone = users[0] as (typeof users)[0];

describe("S11: a load is warned where its plugin may write to what dlrpc relies on", () => {
  /** The warning's message, or undefined. */
  async function warning(options: HostOptions, initialize: object, sandbox: object = {}): Promise<string | undefined> {
    await using host = new Host(options);
    await host.result("initialize", initialize);
    const { warnings } = await host.result("plugin/load", { path, sandbox });
    const found = warnings.filter(({ code }: { code: string }) => code === "WRITABLE_BY_PLUGIN");
    expect(found.length).toBeLessThan(2);
    return found[0]?.message;
  }

  test("nothing where it may not, and nothing under `none`", async () => {
    using surroundings = new Surroundings(someone);
    const { workspace, outside } = surroundings;
    const env = { HOME: surroundings.home };
    expect(
      await warning({ env }, { workspaceRoot: workspace }, { read: [surroundings.home], write: [outside] }),
    ).toBeUndefined();
    expect(await warning({ env }, { workspaceRoot: "/" }, { profile: "none" })).toBeUndefined();
  });

  test.each(["workspaceRoot", "write"])("a trusted directory, around it or within it, by %s", async (by) => {
    using surroundings = new Surroundings(someone);
    const { workspace } = surroundings;
    const trust = [fixturesDirectory, join(workspace, "later")]; // which the plugin could make
    const meets = (place: string, options: HostOptions) =>
      by === "write" ? warning(options, {}, { write: [place] }) : warning(options, { workspaceRoot: place });
    expect(await meets(workspace, { trust })).toContain(`${join(workspace, "later")} (trusted: `);
    expect(await meets(workspace, { trust: [fixturesDirectory, surroundings.path] })).toContain(
      `${surroundings.path} (trusted: `,
    );
    const inHome = await meets(workspace, { env: { HOME: workspace } });
    for (const folder of [".vtcode/plugins", ".agents/plugins"]) expect(inHome).toContain(join(workspace, folder));
  });

  test("the workspace's own plugins, where they are trusted", async () => {
    using surroundings = new Surroundings(someone);
    const { workspace } = surroundings;
    const options = { args: ["--trust-workspace"] };
    expect(await warning(options, { workspaceRoot: workspace })).toContain(join(workspace, ".vtcode/plugins"));
  });

  test("private directories of dlrpc", async () => {
    const temporary = realpathSync(tmpdir());
    expect(await warning({}, {}, { write: [temporary] })).toMatch(`${temporary}/dlrpc-private-`);
  });

  test("files of the command line: the audit log and keys", async () => {
    using surroundings = new Surroundings(someone);
    const { workspace } = surroundings;
    const log = join(workspace, "audit.jsonl");
    expect(await warning({ args: ["--audit-log", log] }, { workspaceRoot: workspace })).toContain(`${log} (`);
    using keys = new KeyDirectory();
    const { public: key } = await keys.generate("author");
    const options = { args: ["--signature-key", relative("/", key)], cwd: "/" };
    expect(await warning(options, { workspaceRoot: keys.path })).toContain(`${key} (`);
  });

  test("dlrpc itself, and the workers that were built for it", async () => {
    using surroundings = new Surroundings(someone);
    const own = await warning({}, { workspaceRoot: dirname(dirname(program)) });
    expect(own).toContain(`${dirname(program)} (dlrpc itself)`);
    const cache = join(surroundings.workspace, "cache");
    const env = { XDG_CACHE_HOME: cache };
    expect(await warning({ env }, { workspaceRoot: surroundings.workspace })).toContain(`${cache}/dlrpc/workers (`);
  });

  test("exec warns as well", async () => {
    const { stderr } = await run([
      "exec",
      path,
      "--input",
      '{"do":"open_read","path":"/"}',
      "--workspace",
      dirname(path),
    ]);
    expect(stderr).toContain("WRITABLE_BY_PLUGIN");
  });
});

describe("T8: which workspaces are allowed", () => {
  /** What initialize answers: `allowed`, or what is wrong with workspaceRoot. */
  async function outcome(args: readonly string[], workspaceRoot: string | null, cwd = "/"): Promise<string> {
    await using host = new Host({ args, cwd });
    const { error } = await host.request("initialize", { workspaceRoot });
    if (error === undefined) return "allowed";
    const { kind, issues } = error.data as unknown as { kind: string; issues: { path: string; message: string }[] };
    expect([kind, issues]).toMatchObject(["INVALID_PARAMS", [{ path: "workspaceRoot" }]]);
    return issues[0]?.message ?? "";
  }

  test("all, unless an operator says otherwise", async () => {
    expect(await outcome([], "/")).toBe("allowed");
    expect(await outcome(["--max-sandbox=none"], "/")).toBe("allowed");
  });

  test.each([["--max-sandbox=standard"], ["--max-sandbox=strict"], ["--lock-trust"]])(
    "with %s those only that --allow-workspace names, and what is in them",
    async (option) => {
      using surroundings = new Surroundings(someone);
      const { path: all, workspace, outside, home } = surroundings;
      expect(await outcome([option], null)).toBe("allowed");
      expect(await outcome([option], workspace)).toBe(
        `${workspace} is not allowed: dlrpc was started with ${option.replace("=", " ")}, and allowed are none`,
      );
      const allowed = [option, "--allow-workspace", workspace, "--allow-workspace", relative("/", outside)];
      mkdirSync(join(workspace, "in"));
      for (const place of [workspace, `${workspace}/`, join(workspace, "in"), join(workspace, "later"), outside])
        expect([place, await outcome(allowed, place)]).toEqual([place, "allowed"]);
      for (const place of [all, home, "/", `${workspace}-not`, `${workspace}/..`])
        expect([place, await outcome(allowed, place)]).toEqual([place, expect.stringContaining("is not allowed")]);
    },
  );

  test("--allow-workspace alone says so, too", async () => {
    using surroundings = new Surroundings(someone);
    const { workspace, outside } = surroundings;
    expect(await outcome(["--allow-workspace", workspace], workspace)).toBe("allowed");
    expect(await outcome(["--allow-workspace", workspace], outside)).toContain(`allowed are ${workspace}`);
  });

  test("links count as what they lead to", async () => {
    using surroundings = new Surroundings(someone);
    const { workspace, outside } = surroundings;
    const inside = join(workspace, "link");
    symlinkSync(outside, inside);
    symlinkSync(workspace, join(outside, "link"));
    expect(await outcome(["--allow-workspace", workspace], inside)).toContain(`${outside} is not allowed`);
    expect(await outcome(["--allow-workspace", workspace], join(outside, "link"))).toBe("allowed");
    expect(await outcome(["--allow-workspace", join(outside, "link")], workspace)).toBe("allowed");
  });

  test("an initialize that was refused changes nothing, and may be sent again", async () => {
    using surroundings = new Surroundings(someone);
    const { workspace, outside } = surroundings;
    await using host = new Host({ args: ["--allow-workspace", workspace, "--trust-workspace"] });
    await host.error("initialize", { workspaceRoot: outside, trustedDirs: [outside] });
    const { trustedDirs } = await host.result("initialize", { workspaceRoot: workspace });
    expect(trustedDirs).toEqual([fixturesDirectory]);
  });
});
