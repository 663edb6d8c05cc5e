// S1: agents run their tools in sandboxes of their own. dlrpc needs no privilege and no namespace, so that all layers come up
// in there, too, and a plugin meets them as it does outside.

import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { lacks } from "../../fixtures/tools.ts";
import { availableLandlock } from "../../src/sandbox/linux/rules/landlock.ts";
import { attempt, loadAttack, Surroundings, users } from "../support/confined.ts";
import { fixturesDirectory, plugin } from "../support/paths.ts";

const all = ["no-new-privileges", "no-capabilities", ...availableLandlock(), "seccomp", "limits", "supervision"];

const withhold = join(dirname(fixturesDirectory), "withhold");

/** Nothing but `writable` can be written to: /tmp neither. */
const bubblewrap =
  (...more: string[]) =>
  (writable: string) => {
    const shown = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--bind", writable, writable];
    return ["bwrap", "--unshare-all", "--die-with-parent", ...more, ...shown];
  };
/** What Docker's default profile lets containers do: they get no descriptors of other processes (pidfd_getfd). */
const container = () => [withhold, "container"];

interface Sandbox {
  readonly name: string;
  readonly through: (writable: string) => string[];
  readonly missing: readonly string[];
}

const inBubblewrap: readonly Sandbox[] = [
  { name: "bubblewrap", through: bubblewrap(), missing: [] },
  {
    name: "bubblewrap that has no namespaces inside",
    through: bubblewrap("--unshare-user", "--disable-userns"),
    missing: [],
  },
  {
    name: "bubblewrap without Unix sockets, as sandbox-runtime starts it",
    through: (writable) => [...bubblewrap()(writable), withhold, "unix-sockets"],
    missing: [],
  },
  {
    name: "a container in bubblewrap",
    through: (writable) => [...bubblewrap()(writable), ...container()],
    missing: ["supervision"],
  },
];
const sandboxes = [
  { name: "a container", through: container, missing: ["supervision"] },
  ...(lacks("bwrap") ? [] : inBubblewrap),
];

describe.each(users)("S1: as $name", (user) => {
  describe.each(sandboxes)("in $name", ({ through, missing }) => {
    test.each(["standard", "strict"])("%s is as it is elsewhere", async (profile) => {
      using surroundings = new Surroundings(user);
      const inside = surroundings.own(surroundings.write("workspace/file"));
      await using host = await surroundings.host({ through: [...user.through, ...through(surroundings.path)] });
      const { sandbox } = await host.result("plugin/load", {
        path: plugin("attack"),
        sandbox: { profile, require: true },
      });
      expect(sandbox).toEqual({ profile, layers: all.filter((layer) => !missing.includes(layer)) });

      const handle = await loadAttack(host, { profile });
      const meets = (name: string, path = surroundings.file) =>
        attempt(host, handle, { do: name, path, target: join(surroundings.outside, "new"), pid: host.child.pid });
      expect(await meets("open_write", inside)).toBe("done");
      expect(await meets("set_mode", inside)).toBe(missing.length === 0 ? "done" : "EPERM");
      expect(await meets("open_read")).toBe(profile === "strict" ? "EACCES" : "done");
      expect([await meets("open_write"), await meets("create")]).toEqual(["EACCES", "EACCES"]);
      expect([await meets("tcp"), await meets("fork"), await meets("kill_all")]).toEqual(["EPERM", "EPERM", "EPERM"]);
    });
  });
});
