// S3: what a host grants is a file or a directory, and not a name: a plugin that puts a link in its place, and has itself
// started again, gets nowhere by it; and what was granted stays granted, wherever it is moved.

import { renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { attempt, loadAttack, Surroundings, users } from "../support/confined.ts";
import { Host } from "../support/host.ts";
import { plugin } from "../support/paths.ts";

/** Ways to have other processes with the same grants. */
const again: Record<string, (host: Host, handle: string) => Promise<unknown>> = {
  "a crash": async (host, handle) => expect(await attempt(host, handle, { do: "crash" })).toBe("SIGABRT"),
  "a reload": (host, handle) => host.result("plugin/reload", { handle }),
};
const ways = Object.entries(again);

describe.each(users)("S3: as $name", (user) => {
  /** A directory in the workspace with a file in it, and one outside that is nobody's business. */
  function make(): Surroundings & { inside: string; moved: string; secret: string; elsewhere: string } {
    const surroundings = new Surroundings(user);
    const inside = surroundings.own(surroundings.directory("workspace/inside"));
    surroundings.own(surroundings.write("workspace/inside/file"));
    const elsewhere = join(surroundings.path, "elsewhere");
    return Object.assign(surroundings, {
      inside,
      moved: join(surroundings.workspace, "moved"),
      secret: surroundings.outside,
      elsewhere,
    });
  }
  describe.each(["standard", "strict"])("%s:", (profile) => {
    test.each(ways)(
      "`write` of a directory that the plugin moves, with a link in its place, and %s",
      async (_, restart) => {
        using made = make();
        const { inside, moved, secret } = made;
        await using running = await made.host();
        const handle = await loadAttack(running, { profile, write: [inside] });
        const meets = (what: string, path: string, target = path) =>
          attempt(running, handle, { do: what, path, target });
        expect(await meets("rename", inside, moved)).toBe("done");
        expect(await meets("symlink_to", secret, inside)).toBe("done");
        for (let i = 0; i < 2; i++) {
          expect(await meets("create", join(inside, "new"))).toBe("EACCES");
          expect(await meets("open_write", join(inside, "file"))).toBe("EACCES");
          expect(await meets("create", join(moved, `new-${i}`))).toBe("done");
          await restart(running, handle);
        }
      },
    );

    test.each(ways)(
      "`write` of a directory that is moved out of the workspace is kept, after %s",
      async (_, restart) => {
        using made = make();
        const { inside, secret, elsewhere } = made;
        await using running = await made.host();
        const handle = await loadAttack(running, { profile, write: [inside] });
        renameSync(inside, elsewhere);
        symlinkSync(secret, inside);
        for (let i = 0; i < 2; i++) {
          expect(await attempt(running, handle, { do: "create", target: join(elsewhere, `new-${i}`) })).toBe("done");
          expect(await attempt(running, handle, { do: "create", target: join(inside, "new") })).toBe("EACCES");
          await restart(running, handle);
        }
      },
    );

    test.each(ways)("the workspace itself, after %s", async (_, restart) => {
      using made = make();
      const { workspace, secret, elsewhere } = made;
      await using running = await made.host();
      const handle = await loadAttack(running, { profile });
      renameSync(workspace, elsewhere);
      symlinkSync(secret, workspace);
      for (let i = 0; i < 2; i++) {
        expect(await attempt(running, handle, { do: "create", target: join(elsewhere, `new-${i}`) })).toBe("done");
        expect(await attempt(running, handle, { do: "create", target: join(workspace, "new") })).toBe("EACCES");
        await restart(running, handle);
      }
    });

    test.each(ways)("`write` of a file that the plugin replaces by a link, after %s", async (_, restart) => {
      using made = make();
      const { inside, moved, file } = made;
      const granted = join(inside, "file");
      await using running = await made.host();
      const handle = await loadAttack(running, { profile, write: [granted] });
      const meets = (what: string, path: string, target = path) => attempt(running, handle, { do: what, path, target });
      expect(await meets("rename", granted, moved)).toBe("done");
      expect(await meets("symlink_to", file, granted)).toBe("done");
      for (let i = 0; i < 2; i++) {
        expect(await meets("open_write", granted)).toBe("EACCES");
        expect(await meets("open_write", moved)).toBe("done");
        await restart(running, handle);
      }
    });
  });

  test.each(ways)(
    "strict: `read` of a directory that the plugin moves, with a link in its place, and %s",
    async (_, restart) => {
      using made = make();
      const { inside, moved, secret } = made;
      await using running = await made.host();
      const handle = await loadAttack(running, { profile: "strict", read: [inside] });
      const meets = (what: string, path: string, target = path) => attempt(running, handle, { do: what, path, target });
      expect(await meets("rename", inside, moved)).toBe("done");
      expect(await meets("symlink_to", secret, inside)).toBe("done");
      for (let i = 0; i < 2; i++) {
        expect(await meets("open_read", join(inside, "file"))).toBe("EACCES");
        expect(await meets("list", inside)).toBe("EACCES");
        expect(await meets("open_read", join(moved, "file"))).toBe("done");
        await restart(running, handle);
      }
    },
  );

  test("a link that is there when the plugin is loaded is followed, once", async () => {
    using made = make();
    const { inside, secret, workspace } = made;
    const link = join(workspace, "link");
    symlinkSync(inside, link);
    await using running = await made.host();
    const handle = await loadAttack(running, { profile: "strict", read: [link] });
    renameSync(link, join(workspace, "old-link"));
    symlinkSync(secret, link);
    expect(await attempt(running, handle, { do: "crash" })).toBe("SIGABRT");
    expect(await attempt(running, handle, { do: "open_read", path: join(inside, "file") })).toBe("done");
    expect(await attempt(running, handle, { do: "open_read", path: join(link, "file") })).toBe("EACCES");
  });
});

test("S3: single files of the system are those that are there when a process starts", async () => {
  const own = "mount -t tmpfs none /etc; echo 'nameserver 127.0.0.1' > /etc/resolv.conf; exec \"$@\"";
  const through = ["unshare", "--map-root-user", "--mount", "/bin/sh", "-euc", own, "sh"];
  await using host = new Host({ through });
  const load = async (sandbox: object) =>
    (await host.result("plugin/load", { path: plugin("attack"), sandbox })).handle as string;
  const installer = await load({ write: ["/etc"] });
  const path = "/etc/resolv.conf";
  const install = async () => {
    expect(await attempt(host, installer, { do: "create", target: "/etc/new" })).toBe("done");
    expect(await attempt(host, installer, { do: "rename", path: "/etc/new", target: path })).toBe("done");
  };
  const bySystem = await load({ profile: "strict", network: true });
  const byGrant = await load({ profile: "strict", read: [path] });
  const reach = (handle: string) => attempt(host, handle, { do: "open_read", path });
  expect([await reach(bySystem), await reach(byGrant)]).toEqual(["done", "done"]);
  await install();
  expect([await reach(bySystem), await reach(byGrant)]).toEqual(["EACCES", "EACCES"]);
  for (const handle of [bySystem, byGrant]) await attempt(host, handle, { do: "crash" });
  expect([await reach(bySystem), await reach(byGrant)]).toEqual(["done", "EACCES"]);
  await install();
  for (const handle of [bySystem, byGrant]) await host.result("plugin/reload", { handle });
  expect([await reach(bySystem), await reach(byGrant)]).toEqual(["done", "EACCES"]);
});
