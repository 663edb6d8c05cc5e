// L7 on the portable half, as far as it runs here: what a worker did not start for is said. Its limits have macOS' numbers.

import { join } from "node:path";
import { expect, test } from "vitest";
import { Host } from "../support/host.ts";
import { plugin, projectRoot } from "../support/paths.ts";

const program = [process.execPath, join(projectRoot, "dist", "dlrpc.portable.cjs")];
const other = ["setpriv", "--reuid=54322", "--regid=54322", "--clear-groups"];

/** Loads plugins until one is refused. @returns what that is refused for */
async function refusal(limit: string, through: readonly string[] = []): Promise<object> {
  await using host = new Host({ program, through: [...through, "prlimit", limit, "--"] });
  for (;;) {
    const { error } = await host.request("plugin/load", { path: plugin("counter") });
    if (error !== undefined) return error.data;
  }
}

// With each one more the last start has one more left, of those that it needs.
test.each(Array.from({ length: 8 }, (_, more) => 56 + more))("L7: %i descriptors", async (limit) => {
  expect(await refusal(`--nofile=${limit}`)).toMatchObject({ kind: "RESOURCES_EXHAUSTED", resource: "descriptors" });
});

test.skipIf(process.getuid?.() !== 0)("L7: too few processes", async () => {
  expect(await refusal("--nproc=20", other)).toMatchObject({ kind: "RESOURCES_EXHAUSTED", resource: "processes" });
});
