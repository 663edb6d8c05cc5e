// dlrpc doctor: what works here, and for what does not the remedy.

import { spawnSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { libraryName } from "../../../fixtures/plugins.ts";
import { lacks } from "../../../fixtures/tools.ts";
import { isRoot, users } from "../../support/confined.ts";
import { ownProgram } from "../../support/paths.ts";
import { line, messagesOf, run } from "../../support/run.ts";
import { onTerminal } from "../../support/terminal.ts";
import { OperatorHome } from "../installing/home.ts";

interface Check {
  topic: string;
  state: string;
  found: string;
  remedy?: string;
}

/** What it says in JSON, by topic; several may be about one. */
function checksOf(stdout: string): { ok: boolean; about: (topic: string) => Check[] } {
  const { ok, checks }: { ok: boolean; checks: Check[] } = JSON.parse(stdout);
  return { ok, about: (topic) => checks.filter((check) => check.topic === topic) };
}

/** The system answers as one that has not what is asked for. */
function without(home: OperatorHome, calls: string, error: string): Check[] & { status?: number | null } {
  const inject = ["-f", "-qq", "-o", "/dev/null", "-e", `trace=${calls}`, "-e", `inject=${calls}:error=${error}`];
  const { status, stdout } = spawnSync("strace", [...inject, ...ownProgram, "doctor", "--json"], {
    env: { ...process.env, HOME: home.path, DLRPC_TRUSTED_DIRS: "" },
    encoding: "utf8",
  });
  return Object.assign(JSON.parse(stdout).checks, { status });
}

describe.runIf(process.platform === "linux")("dlrpc doctor", () => {
  test("where all is well it ends with 0, and says what each profile is worth", async () => {
    using home = new OperatorHome();
    home.directory(".vtcode/plugins");
    home.add(".vtcode/plugins/made", { manifest: { name: "made" }, as: [libraryName("made")] });
    const { status, stdout, stderr } = await home.run("doctor", "--json");
    const { ok, about } = checksOf(stdout);
    expect([status, ok, stderr]).toEqual([0, true, ""]);
    expect(about("platform")[0]?.found).toMatch(new RegExp(`^linux-${process.arch}, Linux `));
    expect(about("worker")[0]?.state).toBe("ok");
    expect(about("profile strict")).toEqual([{ topic: "profile strict", state: "ok", found: "all of it is enforced" }]);
    expect(about("plugins")).toEqual([{ topic: "plugins", state: "ok", found: "1 would load" }]);
    expect(about("trust")[0]?.found).toBe(`${home.plugins}: only root and this user may write to it`);
    expect((await home.run("doctor")).stdout).toMatch(/^ok +profile strict +all of it is enforced$/m);
  });

  test("it has the same layers as initialize", async () => {
    using home = new OperatorHome();
    const { about } = checksOf((await home.run("doctor", "--json")).stdout);
    const [{ result }] = messagesOf(await run(["serve"], { input: line(1, "initialize", {}) }));
    const layers = result.sandbox.layers.filter((layer: string) => layer.startsWith("landlock-"));
    const named = layers.map((layer: string) => layer.replace("landlock-", "")).join(", ");
    expect(about("Landlock")[0]?.found).toMatch(new RegExp(`^version \\d+: ${named}$`));
  });

  test("what others may write to, and plugins that would not load: 1, with what to do", async () => {
    using home = new OperatorHome();
    home.directory(".vtcode/plugins");
    home.add(".vtcode/plugins/old", { manifest: { name: "old", abi_version: 2 }, as: [libraryName("old")] });
    chmodSync(home.plugins, 0o777);
    const { status, stdout } = await home.run("doctor", "--json", "--trust", "nowhere");
    const { ok, about } = checksOf(stdout);
    expect([status, ok]).toEqual([1, false]);
    expect(about("trust").map(({ state }) => state)).toEqual(["note", "bad", "note"]);
    expect(about("trust")[1]).toMatchObject({
      found: expect.stringMatching(/may be written to by its group or by others/),
      remedy: `chmod go-w '${home.plugins}'`,
    });
    expect(about("plugins").at(-1)).toEqual({
      topic: "plugins",
      state: "bad",
      found: `${join(home.plugins, "old")} would not load: ABI_MISMATCH`,
      remedy: `dlrpc validate '${join(home.plugins, "old")}'`,
    });
    const text = (await home.run("doctor")).stdout;
    expect(text).toMatch(/^bad +trust .*\n {6}chmod go-w '/m);
  });

  test("what it says to do is for a shell, whatever the directory is called", async () => {
    using home = new OperatorHome();
    home.directory("it's one");
    chmodSync(join(home.path, "it's one"), 0o777);
    const trust = async () => {
      const { stdout } = await home.run("doctor", "--json", "--trust", "it's one");
      return checksOf(stdout)
        .about("trust")
        .find(({ state }) => state === "bad");
    };
    const remedy = (await trust())?.remedy ?? "";
    expect(spawnSync("sh", ["-c", remedy]).status).toBe(0);
    expect(await trust()).toBeUndefined();
  });

  test.skipIf(!users.some(isRoot) || users.length < 2)("a directory that this user may not list", () => {
    using home = new OperatorHome();
    home.directory(".vtcode/plugins");
    chmodSync(home.path, 0o755);
    chmodSync(home.plugins, 0o711);
    const [user = "", ...args] = [...(users.find((one) => !isRoot(one))?.through ?? []), ...ownProgram, "doctor"];
    const { status, stdout } = spawnSync(user, [...args, "--json"], { env: { ...process.env, HOME: home.path } });
    expect(status).toBe(1);
    expect(checksOf(String(stdout)).about("trust")).toContainEqual({
      topic: "trust",
      state: "bad",
      found: `${home.plugins} may not be listed by this user`,
      remedy: "Let this user read it, or do not name it.",
    });
  });

  test("a HOME that is none", async () => {
    const { status, stdout } = await run(["doctor", "--json"], { env: { HOME: "relative" } });
    expect(status).toBe(1);
    expect(checksOf(stdout).about("trust")).toEqual([
      expect.objectContaining({
        state: "bad",
        found: expect.stringMatching(/HOME is `relative`/),
        remedy: expect.any(String),
      }),
    ]);
  });

  test("without a compiler it goes: that is for authors", async () => {
    using home = new OperatorHome();
    const outcome = await run(["doctor", "--json"], { env: { HOME: home.path, CC: "/nowhere/cc -m64" } });
    expect(outcome.status).toBe(0);
    const [compiler] = checksOf(outcome.stdout).about("compiler");
    expect(compiler).toMatchObject({
      state: "note",
      found: expect.stringMatching(/`\/nowhere\/cc -m64` cannot be run/),
    });
  });

  test.skipIf(lacks("strace"))("a kernel without Landlock: files are not confined, and that is red", () => {
    using home = new OperatorHome();
    const checks = without(home, "landlock_create_ruleset", "ENOSYS");
    expect(checks.status).toBe(1);
    const bad = checks.filter(({ state }) => state === "bad");
    expect(bad.map(({ topic }) => topic)).toEqual(["Landlock", "profile standard", "profile strict"]);
    expect(bad[1]?.found).toMatch(
      /^does not enforce what is read and written: landlock-files is missing \(.*ENOSYS\)$/,
    );
    expect(bad.every(({ remedy }) => remedy?.includes("Landlock (since 5.13)"))).toBe(true);
  });

  test.skipIf(lacks("strace"))("where programs in memory are not run, directories are, and that is a note", () => {
    using home = new OperatorHome();
    const checks = without(home, "memfd_create", "EACCES");
    expect([checks.status, checks.find(({ topic }) => topic === "memory files")?.state]).toEqual([0, "note"]);
  });

  test.skipIf(lacks("script"))("on a terminal the states have colours; not under NO_COLOR", () => {
    const show = (environment: object) => onTerminal([...ownProgram, "doctor"], { HOME: "/", ...environment });
    expect(show({})).toContain("\u001b[32mok\u001b[0m");
    expect(show({ NO_COLOR: "1" })).not.toContain("\u001b");
  });

  test("refused: a stray word", async () => {
    expect(await run(["doctor", "now"])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/`now` is not understood/),
    });
  });
});
