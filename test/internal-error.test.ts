// INTERNAL_ERROR, by a defect that a test can make: the program's own files are gone, so that no worker starts.

import { randomUUID } from "node:crypto";
import { copyFileSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Host } from "./support/host.ts";
import { plugin, program } from "./support/paths.ts";
import { childrenOf, spareOf } from "./support/processes.ts";

test("INTERNAL_ERROR: a worker cannot be started; stderr has the stack, and all is well when the cause is gone", async () => {
  const directory = join(dirname(program), `copy-${randomUUID()}`); // where it finds its dependencies
  mkdirSync(directory);
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const scripts = readdirSync(dirname(program)).filter((name) => name.endsWith(".cjs"));
  const copyAll = () =>
    scripts.forEach((name) => void copyFileSync(join(dirname(program), name), join(directory, name)));
  copyAll();
  const through = ["sh", "-c", 'shift; exec "$0" "$COPY" "$@"']; // the copy in place of the program
  await using host = new Host({ through, env: { COPY: join(directory, basename(program)) } });
  const spare = await spareOf(host);
  for (const name of scripts) rmSync(join(directory, name));
  process.kill(spare, "SIGKILL");
  await expect.poll(() => childrenOf(host.child.pid as number)).toEqual([]);

  const { code, message, data } = await host.error("plugin/load", { path: plugin("echo") });
  expect([code, data.kind]).toEqual([-32603, "INTERNAL_ERROR"]);
  expect(message).toMatch(/worker process could not be started: it ended with status 1: .*Cannot find module/s);
  await expect.poll(() => host.stderr).toMatch(/internal error: .*\n +at /s);
  expect(await host.result("plugin/list")).toEqual({ plugins: [] });

  copyAll();
  await host.load("echo");
});
