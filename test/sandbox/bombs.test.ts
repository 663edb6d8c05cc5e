// S5: processes, descriptors and files have limits. Whatever meets one gets an error and goes on.

import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { attempt, isRoot, loadAttack, Surroundings, users } from "../support/confined.ts";

describe.each(users)("S5: as $name", (user) => {
  /** No limit on processes holds for root. */
  const bombs: [bomb: string, sandbox: object, errno: string][] = [
    ["descriptor_bomb", {}, "EMFILE"],
    ["file_bomb", {}, "EFBIG"],
    ...(isRoot(user)
      ? []
      : ([
          ["thread_bomb", {}, "EAGAIN"],
          ["small_thread_bomb", {}, "EAGAIN"],
          ["fork_bomb", { exec: true }, "EAGAIN"],
        ] as [string, object, string][])),
  ];

  test.each(bombs)("%s fails, and the next call works", async (bomb, sandbox, errno) => {
    using surroundings = new Surroundings(user);
    await using host = await surroundings.host();
    const handle = await loadAttack(host, sandbox);
    const run = (what: string) => {
      const input = { do: what, path: join(surroundings.workspace, "large") };
      return attempt(host, handle, input);
    };
    expect(await run(bomb)).toBe(errno);
    expect(await run("clone3")).toBe("ENOSYS");
    expect((await host.result("plugin/list")).plugins[0].stats.crashes).toBe(0);
  });
});
