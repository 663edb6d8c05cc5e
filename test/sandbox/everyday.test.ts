// S2: what plugins commonly do goes on working under every profile, as root and as an ordinary user.

import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Surroundings, users } from "../support/confined.ts";
import { plugin } from "../support/paths.ts";

const tasks = [
  ...["memory", "mapping", "threads", "exceptions", "random_numbers", "time_zones", "locale"],
  ...["workspace_files", "temporary_files", "null_device", "sqlite"],
];

/** A machine of a developer may lack what it is built with; CI has it. */
const isBuilt = process.env.CI === "true" || existsSync(plugin("everyday"));

describe.runIf(isBuilt).each(users)("S2: as $name", (user) => {
  test.each(["none", "standard", "strict"])("%s: a plugin does what plugins do", async (profile) => {
    using surroundings = new Surroundings(user);
    await using host = await surroundings.host();
    const { handle } = await host.result("plugin/load", { path: plugin("everyday"), sandbox: { profile } });
    const done: Record<string, boolean> = {};
    for (const task of tasks) {
      const { success } = await host.result("plugin/execute", { handle, input: { do: task } });
      done[task] = success;
    }
    expect(done).toEqual(Object.fromEntries(tasks.map((task) => [task, true])));
  });
});
