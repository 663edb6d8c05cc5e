// S2: under `strict` a process reads what it is itself and what the machine is, as runtimes of languages do, and nothing
// of other processes.

import { describe, expect, test } from "vitest";
import { attempt, loadAttack, Surroundings, users } from "../support/confined.ts";
import type { Host } from "../support/host.ts";

const profile = "strict";

async function pidOf(host: Host, wanted: string): Promise<number> {
  await attempt(host, wanted, { do: "list", path: "/proc/self" }); // answered once there is a process
  const { plugins } = await host.result("plugin/list");
  return plugins.find(({ handle }: { handle: string }) => handle === wanted).pid;
}

async function reach(host: Host, handle: string, make: string, paths: readonly string[]): Promise<object> {
  const found: Record<string, string> = {};
  for (const path of paths) found[path] = await attempt(host, handle, { do: make, path });
  return found;
}

const outcomes = (paths: readonly string[], outcome: string) =>
  Object.fromEntries(paths.map((path) => [path, outcome]));

describe.each(users)("S2: strict, as $name", (user) => {
  test("the machine: how many processors, how much memory", async () => {
    using surroundings = new Surroundings(user);
    await using host = await surroundings.host();
    const handle = await loadAttack(host, { profile });
    const files = ["cpuinfo", "meminfo", "stat", "loadavg"].map((name) => `/proc/${name}`);
    files.push("/sys/devices/system/cpu/online", "/sys/devices/system/cpu/possible");
    expect(await reach(host, handle, "open_read", files)).toEqual(outcomes(files, "done"));
    expect(await reach(host, handle, "open_write", files)).toEqual(outcomes(files, "EACCES"));
    const others = ["/proc/version", "/proc/sys/kernel/pid_max", "/proc/uptime", "/sys/kernel/notes"];
    expect(await reach(host, handle, "open_read", others)).toEqual(outcomes(others, "EACCES"));
  });

  test("itself, by each name that it has, also when it is started again; another process by none", async () => {
    using surroundings = new Surroundings(user);
    await using host = await surroundings.host();
    const handle = await loadAttack(host, { profile });
    const other = await pidOf(host, await loadAttack(host, { profile }));
    const check = async () => {
      const pid = await pidOf(host, handle);
      const own = ["self", "thread-self", pid, `self/task/${pid}`].map((name) => `/proc/${name}`);
      const files = own.flatMap((directory) =>
        ["maps", "stat", "status", "cgroup"].map((name) => `${directory}/${name}`),
      );
      expect(await reach(host, handle, "open_read", files)).toEqual(outcomes(files, "done"));
      expect(await reach(host, handle, "list", own)).toEqual(outcomes(own, "done"));
      expect(await reach(host, handle, "open_write", ["/proc/self/mem"])).toEqual({ "/proc/self/mem": "EACCES" });
      const others = [other, host.child.pid, 1, `self/root/proc/${other}`].map((name) => `/proc/${name}`);
      const theirs = others.flatMap((directory) => ["maps", "stat", "environ"].map((name) => `${directory}/${name}`));
      expect(await reach(host, handle, "open_read", theirs)).toEqual(outcomes(theirs, "EACCES"));
      expect(await reach(host, handle, "list", [...others, "/proc"])).toEqual(outcomes([...others, "/proc"], "EACCES"));
    };
    await check();
    expect(await attempt(host, handle, { do: "crash" })).toBe("SIGABRT");
    await check();
    await host.result("plugin/reload", { handle });
    await check();
  });

  test("what its links lead to is no more to be had by them", async () => {
    using surroundings = new Surroundings(user);
    await using host = await surroundings.host();
    const handle = await loadAttack(host, { profile });
    const ways = [`/proc/self/root${surroundings.file}`, "/proc/self/root/etc/passwd"];
    expect(await reach(host, handle, "open_read", ways)).toEqual(outcomes(ways, "EACCES"));
  });
});
