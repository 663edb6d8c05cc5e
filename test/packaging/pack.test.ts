// A14: packages for agents with the packed program in them, made by itself.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { plugin } from "../support/paths.ts";
import { packed, packedForArm } from "./packed.ts";

test("an Agent Plugin runs its plugin without anything else", () => {
  const work = mkdtempSync(join(tmpdir(), "dlrpc-packing-"));
  const runIn = (cwd: string, command: string, args: readonly string[]) =>
    spawnSync(command, args, { cwd, encoding: "utf8", env: { PATH: "/usr/bin:/bin" } });
  try {
    const args = ["pack", plugin("hello-world"), "--agent-plugin", "agent", `--program=linux-arm64=${packedForArm}`];
    const { stdout, stderr } = runIn(work, packed, args);
    expect([stdout, stderr]).toEqual([
      "agent: hello-world 1.0.0, for linux-arm64, linux-x64\nhello-world has no library for linux-arm64\n",
      "",
    ]);
    const call = ["exec", "plugins/hello-world", "--input", '{"name":"Ada"}'];
    expect(runIn(join(work, "agent"), "./bin/dlrpc", call)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("Hello, Ada!"),
    });
  } finally {
    rmSync(work, { recursive: true });
  }
});
