// P7, P8, S6: what of the environment reaches a plugin, what a load adds to it, and what nobody can.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { attempt, loadAttack, Surroundings, type User, users } from "../support/confined.ts";
import { Host } from "../support/host.ts";
import { plugin } from "../support/paths.ts";
import { run } from "../support/run.ts";
import { shareHost } from "../support/shared-host.ts";

const path = plugin("attack");
const [user] = users as [User];

async function environment(host: Host): Promise<Record<string, string>> {
  const { plugins } = await host.result("plugin/list");
  const entries = readFileSync(`/proc/${plugins[0].pid}/environ`, "utf8").split("\0").slice(0, -1);
  return Object.fromEntries(entries.map((entry) => [entry.split("=")[0], entry.slice(entry.indexOf("=") + 1)]));
}

async function mistakes(host: Host, params: object): Promise<string[]> {
  const { data, message } = await host.error("plugin/load", { path, ...params });
  expect(data.kind, message).toBe("INVALID_PARAMS");
  return (data.issues as { path: string; message: string }[]).map(({ path, message }) => `${path}: ${message}`);
}

const shared = shareHost();

describe("P7: what passes by itself", () => {
  test("strict: HOME is the private directory, and nothing leads to the user's", async () => {
    const env = { HOME: "/at-home", XDG_CACHE_HOME: "/at-home/.cache", XDG_CONFIG_HOME: "/at-home/.config" };
    await using host = new Host({ env });
    const { handle } = await host.result("plugin/load", { path, sandbox: { profile: "strict" } });
    const { HOME = "", TMPDIR, ...others } = await environment(host);
    expect([HOME, Object.values(others).join(" ")]).toEqual([TMPDIR, expect.not.stringContaining("/at-home")]);
    expect(await attempt(host, handle, { do: "open_read", path: join(HOME, ".gitconfig") })).toBe("ENOENT");
    expect(await attempt(host, handle, { do: "mkdir", target: join(HOME, ".cache") })).toBe("done");
  });

  test("strict: certificates that the operator names can be read with the network, and only with it", async () => {
    using surroundings = new Surroundings(user);
    const file = surroundings.own(surroundings.write("outside/corporate.pem"));
    mkdirSync(join(surroundings.outside, "certificates"));
    const inDirectory = join(surroundings.outside, "certificates", "one.pem");
    writeFileSync(inDirectory, "");
    const env = { SSL_CERT_FILE: file, SSL_CERT_DIR: `/nowhere:${join(surroundings.outside, "certificates")}` };
    await using host = await surroundings.host({ env });
    const reach = async (sandbox: object) => {
      const handle = await loadAttack(host, { profile: "strict", ...sandbox });
      const met: string[] = []; // one after another: the plugin keeps what it is asked for in one place
      for (const path of [file, inDirectory, surroundings.file])
        met.push(await attempt(host, handle, { do: "open_read", path }));
      return met;
    };
    expect(await reach({ network: true })).toEqual(["done", "done", "EACCES"]);
    expect(await reach({})).toEqual(["EACCES", "EACCES", "EACCES"]);
  });

  test("DLRPC_PLUGIN_DIR is the canonical directory, whatever name the plugin was loaded by", async () => {
    const { host } = shared;
    await host.result("plugin/load", { path: `${path}/../attack` });
    expect(await environment(host)).toMatchObject({ DLRPC_PLUGIN_DIR: path });
  });
});

describe("P8: what a load adds", () => {
  const env = {
    RUST_BACKTRACE: "1",
    OMP_NUM_THREADS: "2",
    PATH: "/elsewhere",
    EMPTY: "",
    "with space": "a=b",
    ZOË: "ö",
  };

  test("is there, in the place of what passes, also after a crash and a reload", async () => {
    const { host } = shared;
    const { handle } = await host.result("plugin/load", { path, env, sandbox: { profile: "strict" } });
    expect(await environment(host)).toMatchObject(env);
    await attempt(host, handle, { do: "crash" });
    await attempt(host, handle, { do: "list", path: "/proc/self" }); // answered once there is a process again
    expect(await environment(host)).toMatchObject(env);
    await host.result("plugin/reload", { handle });
    expect(await environment(host)).toMatchObject(env);
  });

  test("of two plugins each has its own", async () => {
    const { host } = shared;
    await host.result("plugin/load", { path });
    await host.result("plugin/load", { path, env });
    expect(Object.keys(await environment(host))).not.toContain("RUST_BACKTRACE");
  });

  test.each(["LD_PRELOAD", "LD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES", "GCONV_PATH", "GLIBC_TUNABLES"])(
    "%s is refused: it says which code is loaded",
    async (name) => {
      const { host } = shared;
      const expected = [expect.stringMatching(`^env\\.${name}: is not taken: it says which code is loaded`)];
      expect(await mistakes(host, { env: { [name]: "/x", FINE: "1" } })).toEqual(expected);
      expect(await mistakes(host, { env: { [name]: "" }, sandbox: { profile: "none" } })).toEqual(expected);
    },
  );

  test("what dlrpc sets itself is refused", async () => {
    const { host } = shared;
    const own = { DLRPC_PLUGIN_DIR: "/x", DLRPC_ANYTHING: "/x", TMPDIR: "/x", TEMP: "/x", TMP: "/x" };
    expect(await mistakes(host, { env: own })).toEqual(
      Object.keys(own).map((name) => `env.${name}: is not taken: it is set by dlrpc itself`),
    );
    const strict = await mistakes(host, { env: { HOME: "/x" }, sandbox: { profile: "strict" } });
    expect(strict).toEqual(["env.HOME: is not taken: it is the plugin's private directory under `strict`"]);
    await host.result("plugin/load", { path, env: { HOME: "/x" } });
    expect(await environment(host)).toMatchObject({ HOME: "/x" });
  });

  test.each([
    ["no name", { "": "x" }, ["env.: a variable needs a name"]],
    ["= in a name", { "A=B": "x" }, ["env.A=B: a name holds no `=` and no NUL"]],
    ["NUL in a name", { "A\0B": "x" }, ["env.A\0B: a name holds no `=` and no NUL"]],
    ["NUL in a value", { A: "x\0y" }, ["env.A: a value holds no NUL"]],
    ["a number", { A: 1 }, [expect.stringMatching(/^env\.A: .*string/)]],
    ["null", { A: null }, [expect.stringMatching(/^env\.A: .*string/)]],
    ["a list", ["A=B"], [expect.stringMatching(/^env: /)]],
    ["too long", { A: "x".repeat(64 * 1024) }, [expect.stringMatching(/^env: 1 variables of 65537 bytes.*65536/)]],
    [
      "too many",
      Object.fromEntries(Array.from({ length: 257 }, (_, i) => [`A${i}`, ""])),
      [expect.stringMatching(/^env: 257 variables.*256/)],
    ],
  ])("%s is refused", async (_, env, expected) => {
    const { host } = shared;
    expect(await mistakes(host, { env })).toEqual(expected);
    await host.load("counter"); // it goes on
  });

  test("as much as is taken is passed on", async () => {
    const { host } = shared;
    const most = {
      A: "x".repeat(64 * 1024 - 256),
      ...Object.fromEntries(Array.from({ length: 255 }, (_, i) => [`${i % 10}`, ""])),
    };
    await host.result("plugin/load", { path, env: most });
    expect(await environment(host)).toMatchObject(most);
  });
});

describe("S6: under --max-sandbox", () => {
  test("what passes of dlrpc's own environment is not replaced; all else loosens nothing", async () => {
    await using host = new Host({ args: ["--max-sandbox=standard"] });
    const operators = ["PATH", "HOME", "LC_ALL", "XDG_CACHE_HOME", "https_proxy", "SSL_CERT_FILE"];
    const env = Object.fromEntries(operators.map((name) => [name, "/x"]));
    expect(await mistakes(host, { env })).toEqual(
      operators.map((name) => `env.${name}: is dlrpc's own to pass on: it was started with --max-sandbox standard`),
    );
    await host.result("plugin/load", { path, env: { RUST_BACKTRACE: "1" } });
    expect(await environment(host)).toMatchObject({ RUST_BACKTRACE: "1" });
  });
});

describe("P8: dlrpc exec --env", () => {
  const exec = (...options: string[]) => run(["exec", plugin("beside"), ...options]);

  test("sets variables; of a name the last one counts", async () => {
    const { stdout } = await exec("--env", "OTHER=1", "--env", "GREETING=once", "--env=GREETING=x=y");
    expect(JSON.parse(stdout).output).toMatchObject({ greeting: "x=y" });
  });

  test.each([
    ["--env=A", /--env is `A`, NAME=VALUE is needed/],
    ["--env==x", /--env is `=x`, NAME=VALUE is needed/],
    ["--env=LD_PRELOAD=/x", /--env LD_PRELOAD: is not taken: it says which code is loaded/],
  ])("%s is refused", async (option, said) => {
    expect(await exec(option)).toMatchObject({ status: 2, stdout: "", stderr: expect.stringMatching(said) });
  });
});
