// S2, S3, S6, S7: what a load can be granted, what an operator can keep it from, and what a plugin says of itself.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { attempt, loadAttack, Surroundings, users } from "../support/confined.ts";
import { Host } from "../support/host.ts";
import { plugin } from "../support/paths.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";
import { run } from "../support/run.ts";
import { shareHost } from "../support/shared-host.ts";

const path = plugin("attack");

/** The paths of the mistakes that a load is refused for. */
async function mistakes(host: Host, params: object): Promise<string[]> {
  const { data, message } = await host.error("plugin/load", { path, ...params });
  expect(data.kind, message).toBe("INVALID_PARAMS");
  return (data.issues as { path: string }[]).map(({ path }) => path);
}

describe.each(users)("S3: as $name", (user) => {
  const onFile = ["open_read", "open_write", "truncate", "chmod"];
  const inDirectory = ["create", "mkdir", "mkfifo", "symlink", "list"];

  test.each([
    ["standard", { open_read: "done", open_write: "EACCES", truncate: "EACCES", create: "EACCES", list: "done" }],
    ["strict", { open_read: "EACCES", open_write: "EACCES", truncate: "EACCES", create: "EACCES", list: "EACCES" }],
  ])("%s: `read` opens for reading, `write` for writing, and only there", async (profile, outside) => {
    using surroundings = new Surroundings(user);
    const reach = async (host: Host, handle: string, directory: string) => {
      const file = surroundings.own(surroundings.write(`${directory}/touched`));
      const base = join(surroundings.path, directory);
      const found: Record<string, string> = {};
      for (const name of [...onFile, ...inDirectory]) {
        const at = { path: name === "list" ? base : file, target: join(base, `made-by-${name}`) };
        found[name] = await attempt(host, handle, { do: name, ...at });
      }
      return found;
    };
    for (const name of ["readable", "writable"]) surroundings.own(surroundings.directory(name));
    await using host = await surroundings.host();
    const handle = await loadAttack(host, { profile, read: ["../readable"], write: ["../writable"] });
    const made = { mkdir: "done", mkfifo: "done", symlink: "done" };
    const notMade = { mkdir: "EACCES", mkfifo: "EACCES", symlink: "EACCES" };
    const chmod = { chmod: "EPERM" };
    const written = {
      open_read: "done",
      open_write: "done",
      truncate: "done",
      create: "done",
      list: "done",
      chmod: "done",
    };
    const read = { open_read: "done", open_write: "EACCES", truncate: "EACCES", create: "EACCES", list: "done" };
    expect(await reach(host, handle, "writable")).toEqual({ ...written, ...made });
    expect(await reach(host, handle, "workspace")).toEqual({ ...written, ...made });
    expect(await reach(host, handle, "readable")).toEqual({ ...read, ...notMade, ...chmod });
    expect(await reach(host, handle, "outside")).toEqual({ ...outside, ...notMade, ...chmod });
    expect(await reach(host, handle, "home")).toEqual({ ...outside, ...notMade, ...chmod });
  });

  test("strict: the plugin's own directory is to be seen, /etc and /proc are not", async () => {
    using surroundings = new Surroundings(user);
    await using host = await surroundings.host();
    const handle = await loadAttack(host, { profile: "strict" });
    const places = ["/etc", "/proc", "/sys", "/tmp", "/", "/dev", "/var", "/root", "/home"];
    for (const place of places)
      expect([place, await attempt(host, handle, { do: "list", path: place })]).toEqual([place, "EACCES"]);
    for (const file of ["/etc/passwd", "/etc/hosts", "/proc/version"]) {
      expect([file, await attempt(host, handle, { do: "open_read", path: file })]).toEqual([file, "EACCES"]);
    }
    const own = join(path, "plugin.json");
    expect(await attempt(host, handle, { do: "list", path })).toBe("done");
    expect(await attempt(host, handle, { do: "open_read", path: own })).toBe("done");
    expect(await attempt(host, handle, { do: "open_write", path: own })).toBe("EACCES");
  });

  test("the private directory of one plugin is not another's to write to", async () => {
    using surroundings = new Surroundings(user);
    await using host = await surroundings.host();
    const [one, other] = [await loadAttack(host, {}), await loadAttack(host, {})];
    const { plugins } = await host.result("plugin/list");
    expect(plugins).toHaveLength(2);
    const temporary = await temporaryOf(host, one);
    expect(await attempt(host, one, { do: "create", target: join(temporary, "a") })).toBe("done");
    expect(await attempt(host, other, { do: "create", target: join(temporary, "b") })).toBe("EACCES");
    const parent = dirname(temporary);
    expect(readdirSync(parent)).toHaveLength(4); // of each its own, and that of its code
    for (const name of readdirSync(parent).filter((name) => name !== basename(temporary)))
      expect(await attempt(host, one, { do: "create", target: join(parent, name, "a") })).toBe("EACCES");
  });
});

async function temporaryOf(host: Host, handle: string): Promise<string> {
  const { plugins } = await host.result("plugin/list");
  const { pid } = plugins.find((plugin: { handle: string }) => plugin.handle === handle);
  const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  return (environment.find((entry) => entry.startsWith("TMPDIR=")) ?? "").slice("TMPDIR=".length);
}

const authorities = "/usr/local/share/ca-certificates"; // where there is TLS on Debian, there is this

test.runIf(existsSync(authorities)).each([
  ["without it", false, "EACCES"],
  ["with it", true, "done"],
])("S4: strict reads the authorities that an administrator has added for the network: %s", async (_, network, met) => {
  using surroundings = new Surroundings(users[0] as (typeof users)[0]);
  await using host = await surroundings.host();
  const handle = await loadAttack(host, { profile: "strict", network });
  expect(await attempt(host, handle, { do: "list", path: authorities })).toBe(met);
});

const shared = shareHost();

describe("S2: what is asked for must be there", () => {
  test("paths that do not exist are named, all at once", async () => {
    const { host } = shared;
    expect(await mistakes(host, { sandbox: { read: ["/", "/nowhere"], write: ["nowhere/either"] } })).toEqual([
      "sandbox.read.1",
      "sandbox.write.0",
    ]);
  });

  test("what of /proc is dlrpc's own is not granted, by whatever name", async () => {
    const { host } = shared;
    const { pid } = host.child;
    for (const own of ["/proc/self", "/proc/thread-self/maps", `/proc/${pid}`, `/proc/${pid}/task`]) {
      const { data, message } = await host.error("plugin/load", { path, sandbox: { read: [own] } });
      expect([data.kind, message]).toEqual(["INVALID_PARAMS", expect.stringContaining("dlrpc's own")]);
    }
    await host.result("plugin/load", { path, sandbox: { read: ["/proc"] } });
  });

  test("a profile that enforces nothing cannot be asked to", async () => {
    const { host } = shared;
    for (const asked of [{ network: false }, { exec: false }, { gpu: false }, { memoryMb: 100 }]) {
      expect(await mistakes(host, { sandbox: { profile: "none", ...asked } })).toEqual(["sandbox"]);
    }
  });

  test("a call's own workspaceRoot gives no more than that of initialize", async () => {
    using surroundings = new Surroundings(users[0] as (typeof users)[0]);
    await using host = await surroundings.host();
    const handle = await loadAttack(host, {});
    const target = join(surroundings.outside, "new");
    const params = { handle, input: { do: "create", target }, workspaceRoot: surroundings.outside };
    expect((await host.result("plugin/execute", params)).output.errno).not.toBe(0);
  });
});

describe("S6: an operator's --max-sandbox", () => {
  const refused: [string, object, string[]][] = [
    ["standard", { sandbox: { profile: "none" } }, ["sandbox.profile"]],
    ["strict", { sandbox: { profile: "standard" } }, ["sandbox.profile"]],
    ["standard", { sandbox: { network: true, exec: true } }, ["sandbox.network", "sandbox.exec"]],
    ["standard", { sandbox: { gpu: true } }, ["sandbox.gpu"]],
    ["strict", { sandbox: { read: ["/"], write: ["/"] } }, ["sandbox.read", "sandbox.write"]],
    ["standard", { sandbox: { memoryMb: 1025 } }, ["sandbox.memoryMb"]],
  ];
  test.each(refused)("%s refuses %j", async (profile, params, where) => {
    await using host = new Host({ args: [`--max-sandbox=${profile}`] });
    expect(await mistakes(host, params)).toEqual(where);
  });

  test.each([
    ["standard", {}, "standard"],
    ["strict", {}, "strict"],
    ["standard", { profile: "strict" }, "strict"],
    ["standard", { network: false, exec: false, gpu: false, read: [], write: [], memoryMb: 1024 }, "standard"],
  ])("%s lets through %j", async (profile, sandbox, expected) => {
    await using host = new Host({ args: [`--max-sandbox=${profile}`] });
    expect((await host.result("plugin/load", { path, sandbox })).sandbox.profile).toBe(expected);
  });

  test("--sandbox is what a load gets that names no profile, and cannot be looser than --max-sandbox", async () => {
    for (const profile of ["none", "standard", "strict"]) {
      await using host = new Host({ args: [`--sandbox=${profile}`] });
      expect((await host.result("plugin/load", { path })).sandbox.profile).toBe(profile);
    }
    const { status, stderr } = await run(["serve", "--sandbox=none", "--max-sandbox=strict"]);
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining("--sandbox none is looser than --max-sandbox strict"),
    ]);
  });
});

describe("S6: a plugin stays confined as its load said", () => {
  test("when it starts again, and when it is loaded anew", async () => {
    using surroundings = new Surroundings(users[0] as (typeof users)[0]);
    await using host = await surroundings.host();
    const handle = await loadAttack(host, { profile: "strict", network: true });
    const reach = async () => [
      await attempt(host, handle, { do: "open_read", path: surroundings.file }),
      await attempt(host, handle, { do: "tcp_listen" }),
      await attempt(host, handle, { do: "fork" }),
    ];
    const expected = ["EACCES", "done", "EPERM"];
    expect(await reach()).toEqual(expected);
    expect(await attempt(host, handle, { do: "i386_call" })).toMatch(/SIGSYS|INVALID_RESULT/);
    expect(await reach()).toEqual(expected);
    const { sandbox } = await host.result("plugin/reload", { handle });
    expect([sandbox.profile, await reach()]).toEqual(["strict", expected]);
  });

  test("exec does as serve does", async () => {
    using surroundings = new Surroundings(users[0] as (typeof users)[0]);
    const { file, workspace } = surroundings;
    const errno = async (...options: string[]) => {
      const input = JSON.stringify({ do: "open_read", path: file });
      const { stdout } = await run(["exec", path, "--input", input, "--workspace", workspace, ...options]);
      return JSON.parse(stdout).output.errno;
    };
    expect([await errno(), (await errno("--sandbox=strict")) > 0]).toEqual([0, true]);
  });
});

describe("S7: what plugin.json says that it needs", () => {
  const permissions = { network: true, gpu: true, read: ["/etc"], memoryMb: 64 };

  test("is shown by validate, discover and list, and not granted", async () => {
    using plugins = new PluginDirectory();
    const made = plugins.add("made", { library: "attack", manifest: { permissions } });
    await using host = new Host({ trust: [plugins.path] });
    const validated = await host.result("plugin/validate", { path: made });
    expect(validated).toEqual({ valid: true, permissions, problems: [] });
    const { plugins: found } = await host.result("plugin/discover");
    expect(found).toMatchObject([{ permissions }]);
    const { handle } = await host.result("plugin/load", { path: made });
    expect((await host.result("plugin/list")).plugins).toMatchObject([{ permissions }]);
    expect(await attempt(host, handle, { do: "tcp_listen" })).toBe("EPERM");
  });

  test("is warned of at a load, each wish that was not granted by its name", async () => {
    using surroundings = new Surroundings(users[0] as (typeof users)[0]);
    surroundings.directory("writable");
    using plugins = new PluginDirectory();
    const asked = {
      profile: "none",
      network: true,
      exec: true,
      read: ["../outside"],
      write: ["../writable"],
      memoryMb: 2048,
    };
    const made = plugins.add("attack", { library: "attack", manifest: { permissions: asked } });
    await using host = await surroundings.host({ trust: [plugins.path] });
    const missing = async (sandbox: object) => {
      const { warnings, handle } = await host.result("plugin/load", { path: made, sandbox });
      await host.result("plugin/unload", { handle });
      for (const warning of warnings)
        expect(warning).toMatchObject({ code: "PERMISSIONS_NOT_GRANTED", severity: "warning" });
      const [{ message, hint } = { message: "", hint: "{}" }, ...others] = warnings;
      expect(others).toEqual([]);
      const wishes = JSON.parse(/\{.*\}/.exec(hint)?.[0] ?? "");
      for (const [name, value] of Object.entries(wishes))
        expect(message).toContain(`${name}: ${JSON.stringify(value)}`);
      return wishes;
    };
    const { read, ...notInStandard } = asked;
    expect(await missing({ profile: "strict" })).toEqual(asked);
    expect(await missing({})).toEqual(notInStandard); // it reads everything
    expect(await missing({ profile: "none" })).toEqual({});
    const { profile: _, ...grants } = asked;
    expect(await missing({ profile: "strict", ...grants })).toEqual({ profile: "none" });
    expect(await missing({ profile: "strict", ...grants, network: false })).toEqual({ profile: "none", network: true });
    expect(await missing({ profile: "strict", ...grants, memoryMb: 2047 })).toEqual({
      profile: "none",
      memoryMb: 2048,
    });
    const wider = { read: [surroundings.path], write: [] };
    expect(await missing({ profile: "strict", ...grants, ...wider })).toEqual({
      profile: "none",
      write: ["../writable"],
    });
  });

  test("is not warned of where the profile gives it anyway, and after a reload for what is asked for then", async () => {
    using surroundings = new Surroundings(users[0] as (typeof users)[0]);
    using plugins = new PluginDirectory();
    const within = { profile: "strict", network: false, read: ["."], write: ["."], memoryMb: 64 };
    const made = plugins.add("attack", { library: "attack", manifest: { permissions: within } });
    await using host = await surroundings.host({ trust: [plugins.path] });
    const { handle, warnings } = await host.result("plugin/load", { path: made, sandbox: { profile: "strict" } });
    expect(warnings).toEqual([]);
    const manifest = JSON.parse(readFileSync(join(made, "plugin.json"), "utf8"));
    const permissions = { read: ["/usr/lib", "/nowhere"], network: true };
    plugins.file("attack/plugin.json", JSON.stringify({ ...manifest, permissions }));
    const { warnings: now } = await host.result("plugin/reload", { handle });
    expect(now).toMatchObject([
      { message: 'plugin.json asks for network: true, read: ["/nowhere"], which is not granted' },
    ]);
  });

  test("is null where it says nothing, and a warning where it cannot be understood", async () => {
    using plugins = new PluginDirectory();
    const silent = plugins.add("silent");
    const wrong = plugins.add("wrong", { manifest: { permissions: { netwrok: true } } });
    await using host = new Host({ trust: [plugins.path] });
    expect(await host.result("plugin/validate", { path: silent })).toMatchObject({ permissions: null, problems: [] });
    expect(await host.result("plugin/validate", { path: wrong })).toMatchObject({
      valid: true,
      permissions: null,
      problems: [{ code: "PERMISSIONS_NOT_UNDERSTOOD", message: expect.stringContaining("netwrok") }],
    });
  });
});
