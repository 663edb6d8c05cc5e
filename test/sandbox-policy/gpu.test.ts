// S10: a graphics card's devices can be used with `gpu: true`, and not without. No card is needed: dlrpc runs where devices
// that every machine has stand at the places of a card's (test/support/stand-in-devices.sh), which only root can put there.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { gpuCacheVariables } from "../../src/sandbox/environment.ts";
import { attempt, loadAttack, Surroundings, users, withCard } from "../support/confined.ts";
import type { Host } from "../support/host.ts";
import { fixturesDirectory, plugin, projectRoot } from "../support/paths.ts";
import { run } from "../support/run.ts";

const devices = ["dri/card0", "dri/renderD128", "kfd", "nvidia0", "nvidiactl", "nvidia-uvm", "nvidia-caps/nvidia-cap1"];
const withhold = join(dirname(fixturesDirectory), "withhold");
const driver = "/proc/driver/nvidia/version";

describe.each(users)("S4, S10: as $name", (user) => {
  test("sockets lead to no other process", async () => {
    using surroundings = new Surroundings(user);
    await using host = await surroundings.host();
    const [path, name] = [join(surroundings.outside, "socket"), `dlrpc-test-packets-${process.pid}-${user.uid}`];
    const outside = await loadAttack(host, { profile: "none" });
    expect(await attempt(host, outside, { do: "listen_at_packet_socket", path })).toBe("done");
    expect(await attempt(host, outside, { do: "listen_at_abstract_packet_socket", path: name })).toBe("done");
    const reached = async (sandbox: object) => {
      const handle = await loadAttack(host, sandbox);
      return [
        await attempt(host, handle, { do: "packet_socket", path }),
        await attempt(host, handle, { do: "abstract_packet_socket", path: name }),
      ];
    };
    expect(await reached({ profile: "none" })).toEqual(["done", "done"]);
    expect(await reached({})).toEqual(["EPERM", "EPERM"]);
    expect(await reached({ gpu: true })).toEqual(["ECONNREFUSED", "ECONNREFUSED"]);
    const [, abstract] = await reached({ gpu: true, network: true });
    expect(abstract).toBe("EPERM");
  });

  test.each([
    [{ gpu: true }, []],
    [{ gpu: true, network: true }, ["SANDBOX_NOT_ENFORCED"]],
  ])("where Landlock cannot see to that a load is warned: %j", async (sandbox, expected) => {
    using surroundings = new Surroundings({ ...user, through: [...user.through, withhold, "landlock-5"] });
    await using host = await surroundings.host();
    const { warnings: all } = await host.result("plugin/load", { path: plugin("attack"), sandbox });
    const warnings = all.filter(({ code }: { code: string }) => code !== "SUPERVISION_UNAVAILABLE"); // withheld along with it
    expect(warnings.map(({ code }: { code: string }) => code)).toEqual(expected);
    for (const { message } of warnings)
      expect(message).toMatch(/landlock-scope is missing .* lead to no other process/);
  });
});

describe.runIf(process.getuid?.() === 0).each(users)("S10: as $name", (user) => {
  async function loaded(sandbox: object, use: (host: Host, handle: string) => Promise<void>): Promise<void> {
    using scratch = new Surroundings(user);
    await using host = await scratch.host({ through: withCard(user, scratch.outside) });
    await use(host, await loadAttack(host, sandbox));
  }
  const each = async (host: Host, handle: string, what: string, paths: readonly string[]) => {
    const found: Record<string, string> = {};
    for (const path of paths) found[path] = await attempt(host, handle, { do: what, path });
    return found;
  };
  const all = (outcome: string, names: readonly string[]) => Object.fromEntries(names.map((name) => [name, outcome]));
  const paths = devices.map((name) => `/dev/${name}`);

  test.each(["standard", "strict"])("%s with gpu: devices are read, written to and controlled", async (profile) => {
    await loaded({ profile, gpu: true }, async (host, handle) => {
      expect(await each(host, handle, "open_device", paths)).toEqual(all("done", paths));
      expect(await each(host, handle, "control_device", paths)).toEqual(all("done", paths));
      expect(await attempt(host, handle, { do: "list", path: "/dev/dri" })).toBe("done");
    });
  });

  test.each(["standard", "strict"])("%s with gpu: what drivers read, and where they keep things", async (profile) => {
    await loaded({ profile, gpu: true }, async (host, handle) => {
      expect(await attempt(host, handle, { do: "open_read", path: driver })).toBe("done");
      expect(await attempt(host, handle, { do: "wait_at_packet_socket" })).toBe("done");
      const { pid } = (await host.result("plugin/list")).plugins[0];
      const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
      const temporary = environment.find((entry) => entry.startsWith("TMPDIR="))?.slice("TMPDIR=".length) ?? "";
      expect(existsSync(dirname(temporary))).toBe(true);
      for (const name of gpuCacheVariables) expect(environment).toContain(`${name}=${temporary}`);
      expect(await attempt(host, handle, { do: "write_cache", target: gpuCacheVariables[0] })).toBe("done");
    });
  });

  test.each(["standard", "strict"])("%s with gpu: no other device, and none is made or removed", async (profile) => {
    await loaded({ profile, gpu: true }, async (host, handle) => {
      expect(await attempt(host, handle, { do: "open_device", path: "/dev/other" })).toBe("EACCES");
      expect(await attempt(host, handle, { do: "make_device", target: "/dev/dri/card1" })).toMatch(/EACCES|EPERM/);
      expect(await attempt(host, handle, { do: "create", target: "/dev/dri/card1" })).toBe("EACCES");
      expect(await attempt(host, handle, { do: "unlink", path: "/dev/dri/card0" })).toBe("EACCES");
    });
  });

  test.each(["standard", "strict"])("%s without gpu: nothing of that", async (profile) => {
    await loaded({ profile }, async (host, handle) => {
      expect(await each(host, handle, "open_device", paths)).toEqual(all("EACCES", paths));
      expect(await attempt(host, handle, { do: "wait_at_packet_socket" })).toBe("EPERM");
      expect(await attempt(host, handle, { do: "write_cache", target: gpuCacheVariables[0] })).toBe("ENOENT");
      const read = await attempt(host, handle, { do: "open_read", path: driver });
      expect(read).toBe(profile === "strict" ? "EACCES" : "done");
    });
  });

  test("dlrpc exec --gpu grants it", async () => {
    const errno = async (...options: string[]) => {
      using scratch = new Surroundings(user);
      const program = [...withCard(user, scratch.outside), process.execPath];
      const input = JSON.stringify({ do: "control_device", path: "/dev/dri/renderD128" });
      const dlrpc = join(projectRoot, "dist", "dlrpc.cjs");
      const { stdout } = await run(["exec", plugin("attack"), "--input", input, ...options], {
        program: [...program, dlrpc],
      });
      return JSON.parse(stdout).output.errno;
    };
    expect([(await errno()) > 0, await errno("--gpu")]).toEqual([true, 0]);
  });
});
