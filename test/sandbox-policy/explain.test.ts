// S21, S22: what a plugin is refused is recorded, with the grant that would allow it, and nothing is loosened by that.

import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compileLibrary } from "../../fixtures/compile.ts";
import { libraryName } from "../../fixtures/plugins.ts";
import type { Explained, Refusal } from "../../protocol/messages.ts";
import { gpuDevices } from "../../src/sandbox-policy/gpu.ts";
import { neededGrants } from "../../src/sandbox-policy/needed-grants.ts";
import { attempt, isRoot, loadAttack, Surroundings, type User, users, withCard } from "../support/confined.ts";
import { Host } from "../support/host.ts";
import { plugin, projectRoot } from "../support/paths.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";
import { run } from "../support/run.ts";

const [own] = users as [User]; // whose processes this one is among
const [user] = users.slice(-1) as [User];

/** Is refused something before it can be called. */
const EARLY = `
#include <fcntl.h>
#include <stdint.h>
__attribute__((constructor)) static void begin(void) { open("/etc/passwd", O_RDONLY); }
uint32_t vtcode_plugin_version(void) { return 1; }
const char *vtcode_plugin_metadata(void) { return "{\\"name\\":\\"early\\",\\"description\\":\\"\\",\\"version\\":\\"1.0.0\\"}"; }
const char *vtcode_plugin_execute(const char *input) { return input; }
`;

async function explained(host: Host): Promise<Explained> {
  return (await host.result("plugin/list")).plugins[0].explained;
}

/** One that this user may read, and dlrpc has no rule for. */
function deviceInDirectory(): string | undefined {
  const directories = readdirSync("/dev", { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return directories
    .map(({ name }) => `/dev/${name}`)
    .filter((path) => !gpuDevices().includes(path) && path !== "/dev/shm")
    .flatMap((path) => readdirSync(path, { withFileTypes: true, recursive: true }))
    .filter((entry) => entry.isCharacterDevice())
    .map(({ parentPath, name }) => join(parentPath, name))
    .find((path) => spawnSync("test", ["-r", path]).status === 0);
}

interface Input {
  do: string;
  [member: string]: unknown;
}

/** What is recorded of attempts, one after the other, in one process. */
async function recorded(sandbox: object, ...inputs: readonly Input[]): Promise<Explained> {
  return await recordedAs(user, sandbox, inputs);
}

async function recordedAs(who: User, sandbox: object, inputs: readonly Input[]): Promise<Explained> {
  using surroundings = new Surroundings(who);
  await using host = await surroundings.host();
  const handle = await loadAttack(host, { explain: true, ...sandbox });
  for (const input of inputs) await attempt(host, handle, input);
  return await explained(host);
}

describe("S21: the grant that would allow it, which then does", () => {
  const strict = { profile: "strict" };
  const onFiles: [string, object, string, (outside: string) => Partial<Refusal>][] = [
    ["open_read", strict, "read", (outside) => ({ access: "read", grant: { read: [outside] } })],
    ["list", strict, "read", (outside) => ({ access: "read", grant: { read: [outside] } })],
    ["open_write", {}, "write", (outside) => ({ access: "write", grant: { write: [outside] } })],
    ["create", {}, "write", (outside) => ({ access: "create", grant: { write: [outside] } })],
    ["truncate", {}, "write", (outside) => ({ access: "write", grant: { write: [outside] } })],
    ["mkdir", {}, "write", (outside) => ({ access: "create", grant: { write: [outside] } })],
    ["set_mode_of_empty_path", {}, "write", (outside) => ({ access: "change", grant: { write: [outside] } })],
    ["mkfifo", {}, "write", (outside) => ({ access: "create", grant: { write: [outside] } })],
    ["symlink", {}, "write", (outside) => ({ access: "create", grant: { write: [outside] } })],
    ["link", {}, "write", (outside) => ({ access: "create", grant: { write: [outside] } })],
    ["chmod", {}, "write", (outside) => ({ access: "change", grant: { write: [outside] } })],
    ["utimes", {}, "write", (outside) => ({ access: "change", grant: { write: [outside] } })],
    ["rename", {}, "write", (outside) => ({ access: "rename", grant: { write: [outside] } })],
    ["unlink", {}, "write", (outside) => ({ access: "remove", grant: { write: [outside] } })],
  ];

  test.each(onFiles)("%s, with %o: %s", async (name, sandbox, _member, expected) => {
    using surroundings = new Surroundings(user);
    await using host = await surroundings.host();
    const { outside, file } = surroundings;
    const input = { do: name, path: name === "list" ? outside : file, target: join(outside, "new") };
    const handle = await loadAttack(host, { ...sandbox, explain: true });
    expect(["EACCES", "EPERM"]).toContain(await attempt(host, handle, input));
    const { refusals, grants } = await explained(host);
    const found = refusals.find(({ access }) => access === expected(outside).access);
    expect(found).toMatchObject(expected(outside));
    expect(found?.subject.startsWith(outside)).toBe(true);
    const granted = await loadAttack(host, { ...sandbox, ...grants });
    expect(await attempt(host, granted, input)).toBe("done");
  });

  test.each<[string, object, Partial<Refusal>]>([
    ["tcp", { port: 9 }, { call: "socket", subject: "AF_INET SOCK_STREAM", grant: { network: true } }],
    ["udp", { port: 9 }, { call: "socket", subject: "AF_INET SOCK_DGRAM", grant: { network: true } }],
    ["fork", {}, { call: "clone", subject: "a new process", grant: { exec: true } }],
    ["execve", {}, { call: "execve", access: "execute", grant: { exec: true } }],
    ["unix_socket", { path: "/x" }, { call: "socket", subject: "AF_UNIX SOCK_STREAM", grant: null }],
    ["netlink", {}, { call: "socket", grant: null }],
    ["shared_memory", {}, { call: "shmget", subject: "", grant: null }],
    ["setxattr", { path: "/" }, { call: "setxattr", grant: null }],
    ["kill", { pid: process.pid }, { call: "kill", subject: `process ${process.pid}`, grant: null }],
    ["fexecve", {}, { call: "execveat", access: "execute", grant: { exec: true } }],
    ["execute_memory", {}, { call: "execveat", access: "execute", grant: { exec: true } }],
    ["set_owner_by_request", {}, { call: "ioctl", subject: "request 0x8901", grant: null }],
    ["type_for_user", {}, { call: "ioctl", subject: "request 0x5412", grant: null }],
    ["clone_new_user", {}, { call: "clone", grant: null }],
    ["priority_of_other", { pid: process.pid }, { call: "setpriority", grant: null }],
  ])("%s", async (name, input, expected) => {
    const { refusals } = await recorded({}, { do: name, ...input });
    expect(refusals).toEqual([expect.objectContaining(expected)]);
  });

  test("memory: the double of what it was", async () => {
    using surroundings = new Surroundings(user);
    await using host = await surroundings.host();
    const sandbox = { memoryMb: 64, explain: true };
    const { handle } = await host.result("plugin/load", { path: plugin("memory"), sandbox });
    for (const _ of ["first", "second"])
      await host.error("plugin/execute", { handle, input: { do: "own", mib: 1024 } });
    const refusal = { call: "memory", subject: "more than 64 MiB", access: null, grant: { memoryMb: 128 } };
    expect(await explained(host)).toEqual({ refusals: [refusal], leftOut: 0, grants: { memoryMb: 128 } });
  });

  test("a file beside much else is granted by itself, and /proc of another process by nothing", async () => {
    const passwd = { do: "open_read", path: "/etc/passwd" };
    const memory = { do: "open_read", path: `/proc/${process.pid}/environ` };
    const { refusals, grants } = await recordedAs(own, { profile: "strict" }, [passwd, memory]);
    expect(refusals.map(({ grant }) => grant)).toEqual([{ read: ["/etc/passwd"] }, null]);
    expect(grants).toEqual({ read: ["/etc/passwd"] });
  });

  test("names of what is made are told with all of the file system readable", async () => {
    using surroundings = new Surroundings(user);
    await using host = await surroundings.host();
    const input = { do: "watch", path: surroundings.workspace };
    const handle = await loadAttack(host, { profile: "strict", explain: true });
    expect(await attempt(host, handle, input)).toBe("EPERM");
    const { refusals, grants } = await explained(host);
    expect([refusals.map(({ call }) => call), grants]).toEqual([["inotify_init1"], { read: ["/"] }]);
    const granted = await loadAttack(host, { profile: "strict", ...grants });
    expect(await attempt(host, granted, input)).toBe("done");
  });

  test("a device that anybody may make is none that a grant lets a plugin make", async () => {
    using surroundings = new Surroundings(user);
    await using host = await surroundings.host();
    const handle = await loadAttack(host, { explain: true });
    const target = join(surroundings.outside, "new");
    expect(await attempt(host, handle, { do: "make_whiteout", target })).toBe("EACCES");
    const refusal = { call: expect.stringMatching(/^mknod/), subject: target, access: "create", grant: null };
    expect((await explained(host)).refusals).toEqual([refusal]);
  });

  test("devices one by one, never a directory of them", async () => {
    const { refusals, grants } = await recordedAs(
      own,
      { profile: "strict" },
      ["/dev", "/dev/pts"].map((path) => ({ do: "list", path })),
    );
    expect(refusals.map(({ subject, grant }) => [subject, grant])).toEqual([
      ["/dev", null],
      ["/dev/pts", null],
    ]);
    expect(grants).toEqual({});
    const devices = ["/dev/input/event0", "/dev/input/event1", "/dev/input/event2", "/dev/input/event3"];
    const of = (path: string): Refusal => ({ call: "openat", subject: path, access: "read", grant: { read: [path] } });
    expect(neededGrants(devices.map(of))).toEqual({ read: devices });
    const files = ["/dev/shm/a/1", "/dev/shm/a/2", "/dev/shm/a/3", "/dev/shm/a/4"];
    expect(neededGrants(files.map(of))).toEqual({ read: ["/dev/shm/a"] });
  });

  const nested = deviceInDirectory();
  test.runIf(nested !== undefined)("a device beside others is granted by itself", async () => {
    const { grants } = await recordedAs(own, {}, [{ do: "open_read", path: nested }]);
    expect(grants).toEqual({ read: [nested] });
  });

  test.runIf(isRoot(own))("what lies in the root directory has one slash", async () => {
    const target = `/dlrpc-explained-${process.pid}`;
    const { refusals } = await recordedAs(own, {}, [{ do: "mkdir", target }]);
    expect(refusals).toMatchObject([{ subject: target, access: "create", grant: { write: ["/"] } }]);
  });

  test.runIf(isRoot(own))("a graphics card: gpu", async () => {
    using surroundings = new Surroundings(user);
    await using host = await surroundings.host({ through: withCard(user, surroundings.outside) });
    const handle = await loadAttack(host, { ...strict, explain: true });
    const read = { do: "open_read", path: "/dev/nvidia0" };
    expect(await attempt(host, handle, read)).toBe("EACCES");
    const { grants } = await explained(host);
    expect(grants).toEqual({ gpu: true });
    expect(await attempt(host, await loadAttack(host, { ...strict, gpu: true }), read)).toBe("done");
  });
});

describe("S21: what is recorded", () => {
  test("not what would fail without confinement, too", async () => {
    using surroundings = new Surroundings(user);
    const { outside, file } = surroundings;
    const inputs = [
      { do: "open_read", path: join(outside, "absent") },
      { do: "open_write", path: outside }, // a directory
      { do: "open_write", path: "/etc/passwd" }, // another user's
      { do: "mkdir", path: file, target: outside },
      { do: "unlink", path: join(outside, "absent") },
      { do: "make_device", target: join(outside, "new") }, // for who has privileges
      { do: "is_terminal" },
      { do: "is_opened_terminal", path: "/dev/null" },
      { do: "close_on_exec", path: "/dev/urandom" },
    ];
    await using host = await surroundings.host();
    const handle = await loadAttack(host, { profile: "strict", explain: true });
    for (const input of inputs) await attempt(host, handle, input);
    expect(await explained(host)).toEqual({ refusals: [], leftOut: 0, grants: {} });
  });

  test("not a program without a name, which no rule on files is on", async () => {
    const { refusals } = await recorded({ exec: true }, { do: "execute_memory" });
    expect(refusals).toEqual([]);
  });

  test("what controls a device, on which no grant lets a plugin do that", async () => {
    const { refusals } = await recorded({}, { do: "is_opened_terminal", path: "/dev/urandom" });
    expect(refusals).toEqual([{ call: "ioctl", subject: "/dev/urandom", access: "control", grant: null }]);
  });

  test("the file behind links, whatever they are called", async () => {
    using surroundings = new Surroundings(user);
    const link = join(surroundings.workspace, "link");
    symlinkSync(surroundings.file, link);
    await using host = await surroundings.host();
    const handle = await loadAttack(host, { profile: "strict", explain: true });
    await attempt(host, handle, { do: "open_read", path: link });
    expect((await explained(host)).refusals).toMatchObject([{ subject: surroundings.file }]);
  });

  test("each once, and no more than 256 of it", async () => {
    using surroundings = new Surroundings(user);
    const paths = Array.from({ length: 300 }, (_, i) => join(surroundings.outside, `file-${i}`));
    for (const path of paths) {
      writeFileSync(path, "");
      surroundings.own(path);
    }
    await using host = await surroundings.host();
    const handle = await loadAttack(host, { explain: true });
    for (const path of [paths[0], ...paths]) await attempt(host, handle, { do: "open_write", path });
    const { refusals, leftOut, grants } = await explained(host);
    expect([refusals.length, leftOut]).toEqual([256, 44]);
    expect(grants).toEqual({ write: [surroundings.outside] });
  });

  test("nothing where nobody asked", async () => {
    using surroundings = new Surroundings(user);
    await using host = await surroundings.host();
    await loadAttack(host, {});
    expect((await host.result("plugin/list")).plugins[0]).not.toHaveProperty("explained");
  });

  test("from process to process of a handle", async () => {
    const { refusals } = await recorded({}, { do: "shared_memory" }, { do: "crash" }, { do: "tcp", port: 9 });
    expect(refusals.map(({ call }) => call)).toEqual(["shmget", "socket"]);
  });
});

describe("S22: plugin/refused", () => {
  test("comes once for each, where it is wanted", async () => {
    using surroundings = new Surroundings(user);
    await using host = await surroundings.host({}, ["refused"]);
    const handle = await loadAttack(host, { explain: true });
    for (const name of ["tcp", "tcp", "shared_memory"]) await attempt(host, handle, { do: name, port: 9 });
    const told = host.messages.filter(({ method }) => method === "plugin/refused").map(({ params }) => params);
    expect(told).toEqual((await explained(host)).refusals.map((refusal) => ({ handle, ...refusal })));
    expect(told).toHaveLength(2);
  });

  test("comes before the load's answer where it was refused then", async () => {
    using directory = new PluginDirectory();
    const made = directory.add("early", { library: null });
    const source = directory.file("early.c", EARLY);
    await compileLibrary({ language: "c", sources: [source], output: join(made, libraryName("early")) });
    await using host = new Host({ trust: [directory.path] });
    await host.result("initialize", { notifications: ["refused"] });
    const sandbox = { profile: "strict", explain: true };
    const { handle } = await host.result("plugin/load", { path: made, sandbox });
    const [told, answer] = host.messages.slice(1);
    expect(told?.params).toMatchObject({ handle, subject: "/etc/passwd", grant: { read: ["/etc/passwd"] } });
    expect(answer?.result.handle).toBe(handle);
  });
});

describe("dlrpc exec --explain", () => {
  const exec = (name: string, ...args: string[]) => run(["exec", plugin(name), "--explain", ...args]);

  test("says at the end which options to add, which are then enough", async () => {
    using surroundings = new Surroundings(user);
    const directory = join(surroundings.outside, "it's a directory");
    mkdirSync(directory);
    const input = JSON.stringify({ do: "create", target: join(directory, "new") });
    const { status, stderr } = await exec("attack", "--input", input);
    expect(status).toBe(0);
    const quoted = `'${directory.replace("'", "'\\''")}'`;
    expect(stderr).toContain(`openat create ${join(directory, "new")}`);
    expect(stderr).toMatch(/\nOptions to add: .*\n$/);
    expect(stderr.endsWith(`Options to add: --write ${quoted}\n`)).toBe(true);
    const granted = await exec("attack", "--input", input, "--write", directory);
    expect([granted.status, granted.stderr]).toEqual([0, "Nothing was refused.\n"]);
    expect(readFileSync(join(directory, "new"), "utf8")).toBeDefined();
  });

  test("also where no option helps, and where the load fails", async () => {
    const { stderr } = await exec("attack", "--input", '{"do":"shared_memory"}');
    expect(stderr).toMatch(/ {2}no grant allows this {2}shmget\nNo option would allow any of it.\n$/);
    const failed = await exec("constructor-segv");
    expect([failed.status, failed.stderr.includes("Nothing was refused.")]).toEqual([4, true]);
  });

  test("says nothing of refusals where nothing can be told of them, as on Windows", () => {
    const portable = join(projectRoot, "dist", "dlrpc.portable.cjs");
    const args = [portable, "exec", plugin("echo"), "--explain"];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect(status).toBe(6);
    expect(stderr).toMatch(/^dlrpc: SANDBOX_UNAVAILABLE: What is refused cannot be explained: .*\n.*\n$/);
  });

  test("is refused with the profile `none`", async () => {
    const { status, stderr } = await exec("attack", "--sandbox", "none");
    expect([status, stderr.includes("enforces nothing")]).toEqual([2, true]);
  });
});
