// S9: a plugin changes modes and times of what it may write to, and of nothing else, whatever it does meanwhile.

import {
  chmodSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { libraryName } from "../../fixtures/plugins.ts";
import { attempt, isRoot, loadAttack, Surroundings, type User, users } from "../support/confined.ts";
import type { Host } from "../support/host.ts";

const LONG_AGO = 1_000_000;
const modeOf = (path: string) => (lstatSync(path).mode & 0o7777).toString(8);
const timeOf = (path: string) => lstatSync(path, { bigint: true }).mtimeNs;

/** A plugin, a file that it may write to, and one that it may not: each a while old. */
class Scene implements AsyncDisposable {
  readonly surroundings: Surroundings;
  readonly inside: string;
  readonly outside: string;
  private readonly host: Host;
  private readonly handle: string;

  private constructor(surroundings: Surroundings, host: Host, handle: string) {
    this.surroundings = surroundings;
    this.host = host;
    this.handle = handle;
    this.inside = this.file("workspace/file");
    this.outside = this.file("outside/file");
  }

  static async of(user: User, sandbox: object = {}): Promise<Scene> {
    const surroundings = new Surroundings(user);
    const host = await surroundings.host();
    return new Scene(surroundings, host, await loadAttack(host, sandbox));
  }

  /** The user's own. */
  file(name: string, mode = 0o644): string {
    const path = this.surroundings.own(this.surroundings.write(name));
    chmodSync(path, mode);
    utimesSync(path, LONG_AGO, LONG_AGO);
    return path;
  }

  directory(name: string, mode: number): string {
    const path = this.surroundings.own(this.surroundings.directory(name));
    chmodSync(path, mode);
    return path;
  }

  attempt(what: string, path = this.inside, target = this.outside): Promise<string> {
    return attempt(this.host, this.handle, { do: what, path, target, pid: this.host.child.pid });
  }

  /** That what is outside is as it was. */
  expectNothingOutside(): void {
    expect([modeOf(this.outside), timeOf(this.outside)]).toEqual(["644", BigInt(LONG_AGO) * 1_000_000_000n]);
    expect(modeOf(this.surroundings.outside)).toBe("755");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.host[Symbol.asyncDispose]();
    this.surroundings[Symbol.dispose]();
  }
}

const settingModes = ["set_mode", "set_mode_within", "set_mode_of_written", "set_mode_of_read", "set_mode_by_name"];
const settingTimes = ["set_times", "set_times_of_link", "set_times_of_written", "set_times_of_read"];
const keepingOwners = ["keep_owner", "keep_owner_of_link", "keep_owner_of_written", "keep_owner_of_read"];

describe.each(users)("S9: as $name", (user) => {
  test.each(["standard", "strict"])("%s: modes of what may be written to are really changed", async (profile) => {
    await using scene = await Scene.of(user, { profile });
    for (const what of [...settingModes, "set_mode_of_empty_path", "mode_at_end_of_memory"]) {
      chmodSync(scene.inside, 0o644);
      expect([what, await scene.attempt(what), modeOf(scene.inside)]).toEqual([what, "done", "751"]);
    }
  });

  test("so are times, to the nanosecond", async () => {
    await using scene = await Scene.of(user);
    const exact = 1_100_000_000_987_654_321n;
    for (const what of settingTimes) {
      utimesSync(scene.inside, LONG_AGO, LONG_AGO);
      expect([what, await scene.attempt(what), timeOf(scene.inside)]).toEqual([what, "done", exact]);
    }
    expect([await scene.attempt("set_times_roughly"), timeOf(scene.inside)]).toEqual(["done", exact - 321n]);
    expect([await scene.attempt("set_times_to_seconds"), timeOf(scene.inside)]).toEqual(["done", exact - 987_654_321n]);
    const before = BigInt(Date.now() - 10_000) * 1_000_000n;
    expect(await scene.attempt("set_times_to_now")).toBe("done");
    expect(timeOf(scene.inside)).toBeGreaterThan(before);
  });

  test("the owner may be set to what it is, and to nobody else", async () => {
    await using scene = await Scene.of(user);
    for (const what of keepingOwners) expect([what, await scene.attempt(what)]).toEqual([what, "done"]);
    for (const what of ["give_away", "give_to_group"]) {
      expect([what, await scene.attempt(what)]).toEqual([what, "EPERM"]);
    }
    expect(statSync(scene.inside).uid).toBe(user.uid);
  });

  test("no file gets the setuid, setgid or sticky bit, and one that has it loses it; a directory keeps its own", async () => {
    await using scene = await Scene.of(user);
    const special = scene.file("workspace/special", 0o6755);
    expect([await scene.attempt("set_mode", special), modeOf(special)]).toEqual(["done", "751"]);
    const plain = scene.directory("workspace/plain", 0o755);
    expect([await scene.attempt("set_mode", plain), modeOf(plain)]).toEqual(["done", "751"]);
    const shared = scene.directory("workspace/shared", 0o2755);
    expect([await scene.attempt("set_mode", shared), modeOf(shared)]).toEqual(["done", "2751"]);
  });

  test("links: followed within, not out of it; a link has times of its own, and no mode", async () => {
    await using scene = await Scene.of(user);
    const { workspace } = scene.surroundings;
    const [within, out, absolute] = ["within", "out", "absolute"].map((name) => join(workspace, name));
    symlinkSync("file", within as string);
    symlinkSync("../outside/file", out as string);
    symlinkSync(scene.outside, absolute as string);
    for (const link of [within, out, absolute]) lchownSync(link as string, user.uid, user.uid);
    expect([await scene.attempt("set_mode", within), modeOf(scene.inside)]).toEqual(["done", "751"]);
    for (const link of [out, absolute]) {
      for (const what of [...settingModes, ...keepingOwners.filter((name) => !name.endsWith("link")), "set_times"])
        expect([what, await scene.attempt(what, link)]).toEqual([what, expect.stringMatching(/^(EPERM|EACCES)$/)]);
    }
    expect(await scene.attempt("set_mode_of_link", within)).toBe("EOPNOTSUPP");
    expect(await scene.attempt("set_times_of_link", out)).toBe("done");
    scene.expectNothingOutside();
  });

  test("what is outside stays as it is, by path and by descriptor", async () => {
    await using scene = await Scene.of(user);
    const more = ["set_mode_of_neither", "set_mode_of_empty_path", "set_mode_of_link", "give_away", "set_times_to_now"];
    for (const what of [...settingModes, ...settingTimes, ...keepingOwners, ...more]) {
      const isForWriting = what.endsWith("_written");
      expect([what, await scene.attempt(what, scene.outside)]).toEqual([what, isForWriting ? "EACCES" : "EPERM"]);
    }
    expect(await scene.attempt("set_mode", `${scene.surroundings.workspace}/../outside/file`)).toBe("EPERM");
    expect(await scene.attempt("set_mode", scene.surroundings.outside)).toBe("EPERM");
    expect(await scene.attempt("set_mode_from_there", "file", scene.surroundings.outside)).toBe("EPERM");
    expect(await scene.attempt("set_mode_from_there", "file", scene.surroundings.workspace)).toBe("done");
    scene.expectNothingOutside();
  });

  test("a device that may be written to keeps its mode", async () => {
    await using scene = await Scene.of(user);
    const before = modeOf("/dev/null");
    for (const what of settingModes) expect([what, await scene.attempt(what, "/dev/null")]).toEqual([what, "EPERM"]);
    expect(modeOf("/dev/null")).toBe(before);
  });

  test("what is granted to write to is as the workspace is, a single file, too; what is granted to read is not", async () => {
    using surroundings = new Surroundings(user);
    const own = (path: string) => surroundings.own(path);
    own(surroundings.directory("granted"));
    const [granted, single, beside] = ["granted/file", "single", "beside"].map((name) => own(surroundings.write(name)));
    await using host = await surroundings.host();
    const handle = await loadAttack(host, { write: ["../granted", "../single"], read: ["../beside"] });
    const outcomes: [string, string][] = [];
    for (const path of [granted, single, beside] as string[])
      outcomes.push([await attempt(host, handle, { do: "set_mode", path }), modeOf(path)]);
    expect(outcomes).toEqual([
      ["done", "751"],
      ["done", "751"],
      ["EPERM", "644"],
    ]);
  });

  test("a hard link within stands for the file, as it does to who writes; its name outside does not", async () => {
    await using scene = await Scene.of(user);
    const name = join(scene.surroundings.outside, "other-name");
    linkSync(scene.inside, name);
    for (const what of ["set_mode", "set_mode_of_read", "set_mode_by_name"])
      expect([what, await scene.attempt(what, name), modeOf(name)]).toEqual([what, "EPERM", "644"]);
    expect([await scene.attempt("set_mode"), modeOf(name)]).toEqual(["done", "751"]);
  });

  test("arguments that are none fail as they do without a sandbox", async () => {
    const expected = {
      ...{ mode_of_nowhere: "EFAULT", mode_of_null: "EFAULT", times_from_nowhere: "EFAULT", mode_of_unended: "EFAULT" },
      ...{ mode_of_empty: "ENOENT", mode_of_endless: "ENAMETOOLONG", mode_with_flags: "EINVAL" },
      ...{
        mode_of_closed: "EBADF",
        mode_within_closed: "EBADF",
        set_mode_of_named: "EBADF",
        times_out_of_range: "EINVAL",
      },
    };
    for (const profile of ["none", "standard"]) {
      await using scene = await Scene.of(user, { profile });
      const found: Record<string, string> = {};
      for (const what of Object.keys(expected)) found[what] = await scene.attempt(what);
      expect([profile, found]).toEqual([profile, expected]);
      expect(await scene.attempt("set_mode", join(scene.surroundings.workspace, "none"))).toBe("ENOENT");
      expect(await scene.attempt("set_mode", join(scene.inside, "below"))).toBe("ENOTDIR");
    }
  });

  test.each(["race_of_links", "race_of_directories", "race_of_memory", "race_of_descriptors"])(
    "%s: what another thread exchanges meanwhile leads nowhere outside",
    async (race) => {
      await using scene = await Scene.of(user);
      scene.surroundings.own(scene.surroundings.directory("workspace/deep"));
      const path = scene.file("workspace/deep/file");
      expect(await scene.attempt(race, path)).toBe("done");
      scene.expectNothingOutside();
    },
  );

  test("many threads at once are all answered, and one that is ended while it waits harms nobody", async () => {
    await using scene = await Scene.of(user);
    expect(await scene.attempt("many_at_once")).toBe("done");
    for (let i = 0; i < 2; i++) expect(await scene.attempt("end_while_waiting")).toBe("SIGABRT");
    chmodSync(scene.inside, 0o644);
    expect([await scene.attempt("set_mode"), modeOf(scene.inside)]).toEqual(["done", "751"]);
  });

  test("one that never stops asking keeps no other waiting, and its deadline ends it", async () => {
    using surroundings = new Surroundings(user);
    const inside = surroundings.own(surroundings.write("workspace/file"));
    await using host = await surroundings.host();
    const [busy, other] = [await loadAttack(host, {}), await loadAttack(host, {})];
    const input = { do: "never_stop", path: inside };
    const asking = host.start("plugin/execute", { handle: busy, input, timeoutMs: 1000 });
    while (modeOf(inside) !== "600") await setImmediate();
    for (let i = 0; i < 20; i++) expect(await attempt(host, other, { do: "set_mode", path: inside })).toBe("done");
    expect((await host.answer(asking)).error?.data.kind).toBe("PLUGIN_TIMEOUT");
    expect(await attempt(host, busy, { do: "set_mode", path: inside })).toBe("done");
  });

  test("what a plugin starts is judged as it is", async () => {
    await using scene = await Scene.of(user, { exec: true });
    expect([await scene.attempt("in_child"), modeOf(scene.inside)]).toEqual(["done", "751"]);
    expect(await scene.attempt("in_child", scene.outside)).toBe("EPERM");
    scene.expectNothingOutside();
  });

  test("nobody but dlrpc judges", async () => {
    await using scene = await Scene.of(user);
    expect(await scene.attempt("find_listener")).toBe("ENOENT");
    expect(await scene.attempt("make_listener")).toBe("EBUSY");
    expect(await scene.attempt("set_mode_of_library")).toMatch(/^E/);
  });

  test.each(["standard", "strict"])("%s: threads of others are neither named nor scheduled", async (profile) => {
    await using scene = await Scene.of(user, { profile, exec: true });
    for (const what of ["affinity_of_child", "affinity_of_nobody", "affinity_of_other", "priority_of_other"])
      expect([what, await scene.attempt(what)]).toEqual([what, "EPERM"]);
    expect(await scene.attempt("name_thread")).toBe("done");
    const elsewhere = ["name_thread_of_other", "name_other", "memory_by_thread_of_other", "write_elsewhere_of_itself"];
    for (const what of elsewhere) expect([what, await scene.attempt(what)]).toEqual([what, "EACCES"]);
  });

  test("users and groups of processes are not scheduled", async () => {
    for (const sandbox of [{}, { profile: "strict", exec: true }]) {
      await using scene = await Scene.of(user, sandbox);
      for (const what of ["priority_of_user", "priority_of_group", "io_priority_of_user"])
        expect([what, await scene.attempt(what)]).toEqual([what, "EPERM"]);
    }
  });
});

test("S9: a file that is granted by name is that file, whatever has its name later", async () => {
  const [user] = users as [User];
  using surroundings = new Surroundings(user);
  const single = surroundings.own(surroundings.write("single"));
  await using host = await surroundings.host();
  const handle = await loadAttack(host, { write: ["../single"] });
  rmSync(single);
  surroundings.own(surroundings.write("single"));
  const before = modeOf(single);
  await attempt(host, handle, { do: "set_mode", path: single });
  expect(modeOf(single)).toBe(before);
});

test.each(users.length > 1 ? users.filter(isRoot) : [])(
  "S9: files of another user are as they are without privileges",
  async (user) => {
    await using scene = await Scene.of(user);
    const foreign = scene.file("workspace/foreign", 0o666);
    const hidden = join(scene.surroundings.workspace, "hidden");
    mkdirSync(hidden);
    const [other] = users.filter((one) => !isRoot(one)) as [User];
    using others = new Surroundings(other);
    others.own(foreign);
    others.own(hidden);
    chmodSync(hidden, 0o700);
    writeFileSync(join(hidden, "file"), "root's, in a directory that only the other may enter");
    for (const what of ["set_mode", "set_mode_of_written", "set_times"])
      expect([what, await scene.attempt(what, foreign)]).toEqual([what, "EPERM"]);
    expect(await scene.attempt("set_times_to_now", foreign)).toBe("done"); // who may write may do that
    expect(await scene.attempt("set_mode", join(hidden, "file"))).toBe("EACCES");
    expect([modeOf(foreign), statSync(foreign).uid]).toEqual(["666", other.uid]);
  },
);

test("S9, T4: the copy that a plugin is loaded from keeps its mode, even where the plugin may write to all around it", async () => {
  const [user] = users as [User];
  using surroundings = new Surroundings(user);
  const temporary = surroundings.own(surroundings.directory("temporary"));
  await using host = await surroundings.host({ env: { TMPDIR: temporary } });
  const handle = await loadAttack(host, { write: [temporary] });
  const found = readdirSync(temporary, { recursive: true, encoding: "utf8" });
  const [copy, ...others] = found.filter((file) => basename(file) === libraryName("attack"));
  expect(others).toEqual([]);
  const path = join(temporary, copy as string);
  const before = modeOf(path);
  expect([await attempt(host, handle, { do: "set_mode", path }), modeOf(path)]).toEqual(["EPERM", before]);
  const beside = surroundings.own(surroundings.write("temporary/beside"));
  expect(await attempt(host, handle, { do: "set_mode", path: beside })).toBe("done");
});
