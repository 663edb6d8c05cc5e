// S5: memory, processes, descriptors and files have limits. Whatever meets one gets an error and goes on.

import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { attempt, isRoot, loadAttack, Surroundings, users } from "../support/confined.ts";

const MEMORY_MB = 64;

describe.each(users)("S5: as $name", (user) => {
  /** No limit on processes holds for root, whose threads are limited by the memory that they take. */
  const bombs: [bomb: string, sandbox: object, errno: string][] = [
    ["memory_bomb", {}, "ENOMEM"],
    ["malloc_bomb", {}, "ENOMEM"],
    ["thread_bomb", {}, "EAGAIN"],
    ["descriptor_bomb", {}, "EMFILE"],
    ["file_bomb", {}, "EFBIG"],
    ...(isRoot(user)
      ? []
      : ([
          ["small_thread_bomb", { memoryMb: 512 }, "EAGAIN"],
          ["fork_bomb", { exec: true }, "EAGAIN"],
        ] as [string, object, string][])),
  ];

  test.each(bombs)("%s fails, and the next call works", async (bomb, sandbox, errno) => {
    using surroundings = new Surroundings(user);
    await using host = await surroundings.host();
    const handle = await loadAttack(host, { memoryMb: MEMORY_MB, ...sandbox });
    const run = (what: string) => {
      const input = { do: what, path: join(surroundings.workspace, "large") };
      return attempt(host, handle, input);
    };
    expect(await run(bomb)).toBe(errno);
    expect(await run("clone3")).toBe("ENOSYS");
    expect((await host.result("plugin/list")).plugins[0].stats.crashes).toBe(0);
  });

  test("memory that others could share is watched: a call that uses too much ends its process, which says how much", async () => {
    using surroundings = new Surroundings(user);
    await using host = await surroundings.host();
    const handle = await loadAttack(host, { memoryMb: MEMORY_MB });
    const { message, data } = await host.error("plugin/execute", { handle, input: { do: "shared_memory_bomb" } });
    expect(data).toMatchObject({ kind: "PLUGIN_CRASHED", signal: "SIGKILL", reason: "crash" });
    const [, used] = /it used (\d+) MiB of shared memory, 64 are allowed$/.exec(message) ?? [];
    expect(Number(used)).toBeGreaterThan(MEMORY_MB);
    expect(await attempt(host, handle, { do: "clone3" })).toBe("ENOSYS");
  });

  test("addresses are not limited: more are reserved than there is memory, and used as far as memoryMb goes", async () => {
    using surroundings = new Surroundings(user);
    await using host = await surroundings.host();
    const handle = await loadAttack(host, { memoryMb: MEMORY_MB });
    expect(await attempt(host, handle, { do: "reserve" })).toBe("done");
  });
});
