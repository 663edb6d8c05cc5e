// What people look at a plugin with finds it: ps by its name, a debugger by its functions, a profiler by the file that is
// loaded, which is there under the name that the process has for it.

import { spawnSync } from "node:child_process";
import { readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { libraryName } from "../../fixtures/plugins.ts";
import { lacks } from "../../fixtures/tools.ts";
import { begin, listed, watchingHost } from "../support/calls.ts";
import { mappedFiles } from "../support/holdings.ts";
import { Host } from "../support/host.ts";
import { plugin } from "../support/paths.ts";
import { libraryOf, PluginDirectory } from "../support/plugin-directory.ts";

/** The paths of the files in a process's memory that are called so. */
const mapped = (pid: number, name: string) => [
  ...new Set(
    [...mappedFiles(pid).matchAll(/ (\/\S+)$/gm)]
      .map(([, path = ""]) => path)
      .filter((path) => basename(path) === name),
  ),
];

/** Without a right of root's, programs may look into their descendants only on many systems (Yama). */
const mayTrace = process.getuid?.() === 0;

test.skipIf(lacks("gdb") || !mayTrace)("gdb names the plugin's function that runs", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile");
  const { pid } = await listed(host, handle);
  await begin(host, handle, "spin");
  const commands = ["-batch", "-nx", "-ex", "backtrace", "-ex", "info sharedlibrary"];
  const options = { env: { ...process.env, DEBUGINFOD_URLS: "" }, encoding: "utf8" } as const;
  const { stdout } = spawnSync("gdb", [...commands, `/proc/${pid}/exe`, "-p", String(pid)], options);
  expect(stdout).toMatch(/^#0 .* spin \(\)/m);
  expect(stdout).toMatch(/^#\d+ .* vtcode_plugin_execute \(\)/m);
  // The call began when it was sent, and gdb let it go on.
  expect(await listed(host, handle)).toMatchObject({ pid, running: 1, stats: { crashes: 0 } });
});

describe("what is loaded is a file that others can open, for as long as the plugin is loaded", () => {
  test("a library by itself", async () => {
    await using host = new Host();
    const { pid } = await listed(host, await host.load("hostile"));
    const [path = "", ...others] = mapped(pid, libraryName("hostile"));
    expect(others).toEqual([]);
    expect(path).not.toBe(libraryOf("hostile"));
    expect(readFileSync(path)).toEqual(readFileSync(libraryOf("hostile")));
    const { uid, mode, ino } = statSync(path);
    expect([uid, mode & 0o777]).toEqual([process.getuid?.(), 0o500]);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
    expect(statSync(`/proc/${pid}/fd/7`).ino).toBe(ino);
  });

  test("and one with another beside it", async () => {
    await using host = new Host();
    const { pid } = await listed(host, await host.load("companion"));
    const paths = ["companion", "greeting"].flatMap((name) => mapped(pid, libraryName(name)));
    expect(paths.map((path) => basename(path))).toEqual([libraryName("companion"), libraryName("greeting")]);
    for (const path of paths) {
      expect(readFileSync(path)).toEqual(readFileSync(`${plugin("companion")}/${basename(path)}`));
      expect(realpathSync(dirname(path))).toMatch(/\/dlrpc-private-[^/]+\/\d+$/);
    }
  });
});

describe.skipIf(lacks("ps"))("P6: ps shows the plugin's name", () => {
  const ps = (pid: number, column: string) =>
    spawnSync("ps", ["-o", `${column}=`, "-p", String(pid)], { encoding: "utf8" }).stdout.trim();

  test.each(["a", "fifteen-letters", "sixteen--letters", "x".repeat(64)])("%s", async (name) => {
    using plugins = new PluginDirectory();
    const path = plugins.add(name);
    await using host = new Host({ trust: [plugins.path] });
    const { handle } = await host.result("plugin/load", { path });
    const { pid } = await listed(host, handle);
    expect(ps(pid, "comm")).toBe(name.slice(0, 15)); // the system has no room for more
    expect(ps(pid, "args").startsWith(`dlrpc: ${name} `)).toBe(true);
  });
});
