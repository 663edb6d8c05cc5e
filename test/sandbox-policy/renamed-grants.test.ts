// S3: what a host grants is a file or a directory, and not a name: a plugin that puts a link in its place, and has itself
// started again, gets nowhere by it; and what was granted stays granted, wherever it is moved.

import { mkdirSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { attempt, loadAttack, Surroundings, users } from "../support/confined.ts";
import { Host } from "../support/host.ts";
import { plugin } from "../support/paths.ts";

/** Ways to have other processes with the same grants. */
const again: Record<string, (host: Host, handle: string) => Promise<unknown>> = {
  "a crash": async (host, handle) => expect(await attempt(host, handle, { do: "crash" })).toBe("SIGABRT"),
  "a deadline": async (host, handle) => {
    const { data } = await host.error("plugin/execute", { handle, input: { do: "hang" }, timeoutMs: 50 });
    expect(data.kind).toBe("PLUGIN_TIMEOUT");
  },
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

  test.each(["read", "write"])("%s: a link in any part of what is granted is refused, and named", async (member) => {
    using made = make();
    const { inside, moved, secret, workspace } = made;
    await using running = await made.host();
    const handle = await loadAttack(running, {});
    expect(await attempt(running, handle, { do: "rename", path: inside, target: moved })).toBe("done");
    expect(await attempt(running, handle, { do: "symlink_to", path: secret, target: inside })).toBe("done");
    const asked = ["inside", inside, `${inside}/`, join(inside, "file"), `${workspace}/moved/../inside`];
    const sandbox = { profile: "strict", [member]: [...asked, "moved"] };
    const { data } = await running.error("plugin/load", { path: plugin("attack"), sandbox });
    const issues = asked.map((path, i) => ({
      path: `sandbox.${member}.${i}`,
      message: expect.stringMatching(
        `goes through the link ${inside}, .* grant ${join(secret, path.endsWith("file") ? "file" : "")}`.replace(
          /\/$/,
          "",
        ),
      ),
    }));
    expect(data).toMatchObject({ kind: "INVALID_PARAMS", issues });
    expect(data.issues).toHaveLength(asked.length);
  });

  test("a workspace may be named by a link; what it leads to at initialize is the workspace from then on", async () => {
    using made = make();
    const { inside, secret, workspace } = made;
    const link = join(made.path, "link");
    symlinkSync(workspace, link);
    await using running = await made.host({}, [], link);
    renameSync(link, join(made.path, "old-link"));
    symlinkSync(secret, link);
    const handle = await loadAttack(running, { profile: "strict", write: ["inside", join(link, "inside")] });
    const create = (directory: string, name: string) =>
      attempt(running, handle, { do: "create", target: join(directory, name) });
    expect(await create(workspace, "new")).toBe("done");
    expect(await create(inside, "new")).toBe("done");
    expect(await create(secret, "new")).toBe("EACCES");
  });

  test("a workspace that a link has taken the place of since is refused", async () => {
    using made = make();
    const { inside, secret, moved } = made;
    await using running = await made.host({}, [], inside);
    renameSync(inside, moved);
    symlinkSync(secret, inside);
    const { data } = await running.error("plugin/load", { path: plugin("attack") });
    expect(data).toMatchObject({
      kind: "INVALID_PARAMS",
      issues: [{ path: "", message: expect.stringContaining(`workspaceRoot: ${inside} goes through the link`) }],
    });
  });

  test("a workspace that is not there yet, and has come to be a link", async () => {
    using made = make();
    const { secret, workspace } = made;
    const later = join(workspace, "later");
    await using running = await made.host({}, [], later);
    const handle = await loadAttack(running, {});
    expect(await attempt(running, handle, { do: "create", target: join(workspace, "new") })).toBe("EACCES");
    symlinkSync(secret, later);
    expect((await running.error("plugin/load", { path: plugin("attack") })).data.kind).toBe("INVALID_PARAMS");
    renameSync(later, join(workspace, "link"));
    mkdirSync(later);
    made.own(later);
    const again = await loadAttack(running, {});
    expect(await attempt(running, again, { do: "create", target: join(later, "new") })).toBe("done");
  });

  test("S11: what may be read only by name and written to by its place is warned of", async () => {
    using made = make();
    const { inside, secret, workspace } = made;
    await using running = await made.host();
    const warnings = async (sandbox: object) =>
      (await running.result("plugin/load", { path: plugin("attack"), sandbox })).warnings;
    const found = await warnings({ profile: "strict", read: [inside, secret], write: [] });
    expect(found).toMatchObject([
      { code: "WRITABLE_BY_PLUGIN", message: expect.stringContaining(`${inside} (granted for reading only)`) },
    ]);
    expect(found[0].message).not.toContain(secret);
    expect(found[0].message).toContain(workspace);
    expect(await warnings({ profile: "strict", read: [secret], write: [inside] })).toEqual([]);
    expect(await warnings({ read: [secret], write: [made.path] })).toMatchObject([{ code: "WRITABLE_BY_PLUGIN" }]);
    expect(await warnings({ profile: "none", read: [inside] })).toEqual([]);
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
