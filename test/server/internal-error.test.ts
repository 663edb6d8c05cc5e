// INTERNAL_ERROR, by a defect that a test puts into the program: a function of Node's that fails as long as a file is there.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Host } from "../support/host.ts";
import { plugin } from "../support/paths.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";

const defective = `
  const { existsSync } = require("node:fs");
  const crypto = require("node:crypto");
  const { createHash } = crypto;
  crypto.createHash = (...options) => {
    if (existsSync(process.env.DEFECT)) throw new TypeError("a defect that a test has put in");
    return createHash(...options);
  };`;

test("INTERNAL_ERROR: stderr has the stack, and all is well when the cause is gone", async () => {
  using files = new PluginDirectory();
  const defect = files.file("defect", "");
  const env = { DEFECT: defect, NODE_OPTIONS: `--require=${files.file("defective.cjs", defective)}` };
  await using host = new Host({ env });
  const { code, message, data } = await host.error("plugin/load", { path: plugin("echo") });
  expect([code, data.kind]).toEqual([-32603, "INTERNAL_ERROR"]);
  expect(message).toContain("a defect that a test has put in");
  await expect.poll(() => host.stderr).toMatch(/internal error: TypeError: a defect .*\n +at /s);
  expect(await host.result("plugin/list")).toEqual({ plugins: [] });

  rmSync(join(files.path, "defect"));
  await host.load("echo");
});
