// dlrpc install, update and remove where the system refuses a step: one sentence, and what was to be done is done or not.

import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lacks } from "../../../fixtures/tools.ts";
import { ownProgram } from "../../support/paths.ts";
import { zip } from "./archives.ts";
import { goodFiles, OperatorHome } from "./home.ts";

/** Runs dlrpc in a home where these system calls are refused, of that path only where one is given. */
function refused(home: OperatorHome, calls: string, args: readonly string[], path?: string) {
  const only = path === undefined ? [] : ["-P", path];
  const inject = ["-f", "-qq", "-o", "/dev/null", ...only, "-e", `inject=${calls}:error=EACCES`];
  const { status, stdout, stderr } = spawnSync("strace", [...inject, ...ownProgram, ...args], {
    env: { ...process.env, HOME: home.path },
    cwd: home.path,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

const REMOVING = "unlink,unlinkat,rmdir";
const NOT_REMOVED =
  /^dlrpc: .*\/\.dlrpc-staging cannot be removed \(EACCES\); remove it, for nothing can be installed or removed before\n$/;

describe.skipIf(lacks("strace"))("what cannot be removed", () => {
  test("of the version before: the new one is installed, and it is said; the next run says it, and does nothing", async () => {
    using home = new OperatorHome();
    home.file("1.zip", zip(goodFiles({ version: "1.0.0" })));
    home.file("2.zip", zip(goodFiles({ version: "2.0.0" })));
    home.file("3.zip", zip(goodFiles({ version: "3.0.0" })));
    await home.run("install", "1.zip");
    expect(refused(home, REMOVING, ["install", "2.zip"])).toEqual({
      status: 0,
      stdout: expect.stringContaining("in the place of 1.0.0"),
      stderr: expect.stringMatching(NOT_REMOVED),
    });
    for (const args of [
      ["install", "3.zip"],
      ["remove", "made"],
    ]) {
      expect(refused(home, REMOVING, args)).toEqual({
        status: 2,
        stdout: "",
        stderr: expect.stringMatching(NOT_REMOVED),
      });
    }
    expect(home.version("made")).toBe("2.0.0");
    expect((await home.run("install", "3.zip")).status).toBe(0);
    expect([home.version("made"), home.installed]).toEqual(["3.0.0", ["made"]]);
  });

  test("of a plugin: it has gone, and it is said", async () => {
    using home = new OperatorHome();
    home.file("1.zip", zip(goodFiles()));
    await home.run("install", "1.zip");
    expect(refused(home, REMOVING, ["remove", "made"])).toEqual({
      status: 0,
      stdout: `${join(home.plugins, "made")} is removed\n`,
      stderr: expect.stringMatching(NOT_REMOVED),
    });
  });

  test("of what is not installed: its own error is said, too", async () => {
    using home = new OperatorHome();
    home.file("bad.zip", zip([{ name: "plugin.json", content: Buffer.from("{") }]));
    const { status, stderr } = refused(home, REMOVING, ["install", "bad.zip"]);
    expect(status).toBe(3);
    expect(stderr).toMatch(/^dlrpc: INVALID_PLUGIN: /m);
    expect(stderr).toMatch(/\.dlrpc-staging cannot be removed/);
  });
});

test.skipIf(lacks("strace"))("a directory of plugins that cannot be opened", async () => {
  using home = new OperatorHome();
  home.file("1.zip", zip(goodFiles()));
  mkdirSync(home.plugins, { recursive: true });
  expect(refused(home, "openat", ["install", "1.zip"], home.plugins)).toEqual({
    status: 2,
    stdout: "",
    stderr: expect.stringMatching(
      /^dlrpc: .*\/\.vtcode\/plugins cannot be changed: EACCES: permission denied, open .*\n$/,
    ),
  });
});
