// T1: where dlrpc was started may be gone, and HOME may be no directory at all: neither leads to anything by accident.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { libraryName } from "../../fixtures/plugins.ts";
import { Host } from "../support/host.ts";
import { fixturesDirectory, ownProgram, plugin } from "../support/paths.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";
import { run } from "../support/run.ts";

const scratch = mkdtempSync(join(tmpdir(), "dlrpc-working-"));
afterAll(() => rmSync(scratch, { recursive: true }));

let last = 0;
/** A command that starts what follows in a directory that is deleted by then. */
const inDeleted = () => ["sh", "-c", 'mkdir "$0" && cd "$0" && rmdir "$0" && exec "$@"', join(scratch, String(++last))];

const isGone = expect.stringMatching(/is relative, and the directory that dlrpc was started in is gone/);

describe("T1: started in a directory that was deleted", () => {
  test("absolute paths work, with a workspace relative ones do as well, and others are refused", async () => {
    await using host = new Host({ through: inDeleted() });
    for (const params of [{ workspaceRoot: "ws" }, { trustedDirs: ["plugins"] }]) {
      const { data, message } = await host.error("initialize", params);
      expect([data.kind, message]).toEqual(["INVALID_PARAMS", isGone]);
    }
    await host.result("initialize", { workspaceRoot: fixturesDirectory });
    for (const path of ["echo", plugin("echo")]) {
      const { handle } = await host.result("plugin/load", { path });
      expect((await host.result("plugin/execute", { handle })).success).toBe(true);
    }
    expect(await host.finish()).toEqual({ status: 0, signal: null });
    expect(host.stderr).toBe("");
  });

  test("without a workspace", async () => {
    await using host = new Host({ through: inDeleted() });
    const asked = [{ path: "echo" }, { path: plugin("echo"), sandbox: { read: ["data"] } }];
    for (const params of asked) {
      const { data, message } = await host.error("plugin/load", params);
      expect([data.kind, message]).toEqual(["INVALID_PARAMS", isGone]);
    }
    await host.load("echo");
    expect(host.stderr).toBe("");
  });

  test.each([
    ["serve", "--trust", "plugins"],
    ["exec", "./echo"],
    ["exec", plugin("echo"), "--read", "data"],
    ["exec", plugin("echo"), "--workspace", "ws"],
  ])("%s %s %s", async (...args) => {
    const outcome = await run(args, { program: [...inDeleted(), ...ownProgram] });
    expect(outcome).toMatchObject({ status: 2, stdout: "", stderr: isGone });
    expect(outcome.stderr).not.toMatch(/internal error|\n {4}at /);
  });
});

test("T1: a relative HOME trusts nothing", async () => {
  using directory = new PluginDirectory();
  mkdirSync(join(directory.path, "home/.vtcode/plugins"), { recursive: true });
  directory.add("home/.vtcode/plugins/planted", { as: [libraryName("planted")], manifest: { name: "planted" } });
  await using host = new Host({ cwd: directory.path, env: { HOME: "home" }, trust: [] });
  expect((await host.result("initialize")).trustedDirs).toEqual([]);
  const { data } = await host.error("plugin/load", { name: "planted" });
  expect(data.kind).toBe("PATH_NOT_FOUND");
});
