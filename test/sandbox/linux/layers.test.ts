// S1, S5: which layers confine a plugin is what the kernel answered. Where one is missing a load is refused that requires all
// of it, and any other is warned. dlrpc runs here in systems that do lack something (fixtures/hostile/withhold.c).

import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { landlockVersion } from "../../../src/platform/linux/kernel/landlock.ts";
import { availableLandlock } from "../../../src/sandbox/linux/rules/landlock.ts";
import { attempt, loadAttack, Surroundings, users } from "../../support/confined.ts";
import type { Host } from "../../support/host.ts";
import { fixturesDirectory, plugin } from "../../support/paths.ts";
import { childrenOf } from "../../support/processes.ts";

const withhold = join(dirname(fixturesDirectory), "withhold");
const path = plugin("attack");

/** Which of them there are is the system's to say; what each of them takes, landlock.test.ts. */
const landlock: readonly string[] = availableLandlock();
const onInternet = ["landlock-tcp", "landlock-udp"];
const everything = ["no-new-privileges", "no-capabilities", ...landlock, "seccomp", "limits", "supervision"];
const without = (...missing: string[]) => everything.filter((layer) => !missing.includes(layer));

// biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what a test checks
const codes = (result: any): string[] => result.warnings.map(({ code }: { code: string }) => code);

describe.each(users)("as $name", (user) => {
  async function lacking(what: string, use: (host: Host, surroundings: Surroundings) => Promise<void>): Promise<void> {
    using surroundings = new Surroundings({ ...user, through: [...user.through, withhold, what] });
    await using host = await surroundings.host();
    await use(host, surroundings);
  }
  const meets = async (host: Host, { file, outside }: Surroundings, ...names: string[]) => {
    const handle = await loadAttack(host, {});
    const found: Record<string, string> = {};
    for (const name of names) {
      const input = { do: name, path: file, target: join(outside, "new"), pid: host.child.pid, port: 1 };
      found[name] = await attempt(host, handle, input);
    }
    return found;
  };

  test("S1: nothing is missing here, and a load says so", async () => {
    using surroundings = new Surroundings(user);
    await using host = await surroundings.host();
    for (const profile of ["standard", "strict"]) {
      const result = await host.result("plugin/load", { path, sandbox: { profile, require: true } });
      expect([result.sandbox, result.warnings]).toEqual([{ profile, layers: everything }, []]);
    }
    const { sandbox } = await host.result("plugin/load", { path, sandbox: { network: true, require: true } });
    expect(sandbox).toEqual({ profile: "standard", layers: without(...onInternet) });
    const none = await host.result("plugin/load", { path, sandbox: { profile: "none" } });
    expect([none.sandbox, none.warnings]).toEqual([{ profile: "none", layers: [] }, []]);
  });

  test.each([
    [
      "landlock",
      [...landlock, "supervision"],
      ["landlock-files"],
      { open_write: "done", create: "done", tcp: "EPERM", kill: "EPERM" },
    ],
    [
      "seccomp",
      ["seccomp", "supervision"],
      ["seccomp"],
      { open_write: "EACCES", create: "EACCES", tcp: "EACCES", kill: "EPERM" },
    ],
    ["limits", ["limits"], ["limits"], { open_write: "EACCES", create: "EACCES", tcp: "EPERM", kill: "EPERM" }],
  ])("S1: without %s the rest is in effect, and a load says what is not", async (what, missing, named, expected) => {
    await lacking(what, async (host, surroundings) => {
      const result = await host.result("plugin/load", { path });
      expect(result.sandbox).toEqual({ profile: "standard", layers: without(...missing) });
      expect(codes(result)[0]).toBe("SANDBOX_NOT_ENFORCED");
      for (const layer of named) expect(result.warnings[0].message).toContain(`${layer} is missing (`);
      const error = await host.error("plugin/load", { path, sandbox: { require: true } });
      expect(error.data.kind).toBe("SANDBOX_UNAVAILABLE");
      for (const layer of named) expect(error.message).toContain(`${layer} is missing (`);
      expect(await meets(host, surroundings, ...Object.keys(expected))).toEqual(expected);
    });
  });

  test.each(["landlock", "seccomp"])("S1: initialize says that there is no %s", async (what) => {
    using surroundings = new Surroundings({ ...user, through: [...user.through, withhold, what] });
    await using host = await surroundings.host();
    expect(host.messages[0]?.result.sandbox).toEqual({
      layers: what === "seccomp" ? without("seccomp", "supervision") : without(...landlock, "supervision"),
    });
  });

  /** What Landlock did not know yet, seccomp forbids: all of it is enforced on every kernel that has both. */
  test.each([
    [1, ["landlock-files"]],
    [3, ["landlock-files", "landlock-truncate"]],
    [5, ["landlock-files", "landlock-truncate", "landlock-tcp", "landlock-devices"]],
    [6, ["landlock-files", "landlock-truncate", "landlock-tcp", "landlock-devices", "landlock-scope"]],
  ])("S1: with version %i of Landlock everything is enforced all the same", async (version, there) => {
    const missing = landlock.filter((layer) => !there.includes(layer));
    await lacking(`landlock-${version}`, async (host, surroundings) => {
      const result = await host.result("plugin/load", { path, sandbox: { require: true } });
      // What withholds it supervises dlrpc, which nobody else can do then.
      expect(result.sandbox).toEqual({ profile: "standard", layers: without(...missing, "supervision") });
      expect(codes(result)).toEqual(["SUPERVISION_UNAVAILABLE"]);
      const cut = version < 3 ? "EPERM" : "EACCES";
      const expected = {
        ...{ open_write: "EACCES", create: "EACCES", rename: "EACCES", unlink: "EACCES" },
        ...{ truncate: cut, truncate_by_reading: cut },
        ...{ tcp: "EPERM", abstract_socket: "EPERM", type_for_user: "EPERM" },
        ...{ kill: "EPERM", kill_all: "EPERM", tkill: "EPERM", tgkill: "EPERM", sigqueue: "EPERM" },
      };
      expect(await meets(host, surroundings, ...Object.keys(expected))).toEqual(expected);
    });
  });

  test.each([
    [`landlock-${landlockVersion()}`, "supervision is missing (seccomp: EBUSY)"],
    ["descriptors-of-others", "supervision is missing (pidfd_getfd: EPERM)"],
  ])("S9: with %s nobody can supervise, modes and times stay as they are, and a load says so", async (what, why) => {
    await lacking(what, async (host, surroundings) => {
      const result = await host.result("plugin/load", { path, sandbox: { require: true } });
      expect(result.sandbox).toEqual({ profile: "standard", layers: without("supervision") });
      expect(result.warnings).toMatchObject([
        { code: "SUPERVISION_UNAVAILABLE", message: expect.stringContaining(why) },
      ]);
      const inside = surroundings.own(surroundings.write("workspace/file"));
      const handle = await loadAttack(host, {});
      const names = ["set_mode", "set_mode_of_written", "set_times", "keep_owner", "affinity_of_other"];
      for (const name of names) {
        const input = { do: name, path: inside, pid: host.child.pid };
        expect([name, await attempt(host, handle, input)]).toEqual([name, "EPERM"]);
      }
      expect(await attempt(host, handle, { do: "find_listener" })).toBe("ENOENT");
    });
  });

  test.each([
    [`landlock-${landlockVersion()}`, "supervision is missing (seccomp: EBUSY)"],
    ["descriptors-of-others", "supervision is missing (pidfd_getfd: EPERM)"],
  ])("S21: with %s nobody can explain what is refused, and a load that asks for it fails", async (what, why) => {
    await lacking(what, async (host) => {
      const { message, data } = await host.error("plugin/load", { path, sandbox: { explain: true } });
      expect([data.kind, message]).toEqual(["SANDBOX_UNAVAILABLE", expect.stringContaining(why)]);
      // What was to become its process is killed; that it has ended is not waited for before the answer.
      await expect.poll(() => childrenOf(host.child.pid as number)).toEqual([]);
    });
  });

  test("S9: where a thread has no descriptor of its own (before Linux 6.9), its process's serves", async () => {
    await lacking("descriptors-of-threads", async (host, surroundings) => {
      const inside = surroundings.own(surroundings.write("workspace/file"));
      const handle = await loadAttack(host, {});
      for (const from of ["main", "thread"]) {
        const input = { from, path: inside };
        expect([from, await attempt(host, handle, { do: "set_mode_of_written", ...input })]).toEqual([from, "done"]);
        expect([from, await attempt(host, handle, { do: "set_mode", ...input })]).toEqual([from, "done"]);
      }
      const input = { do: "set_mode_of_read", from: "thread", path: surroundings.file };
      expect(await attempt(host, handle, input)).toBe("EPERM");
    });
  });
});
