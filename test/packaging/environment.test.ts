// The packed program where there is nothing but itself: no Node, no environment, no place to write.

import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { nodeVariables } from "../../packaging/variables.ts";
import { Host, type HostOptions } from "../support/host.ts";
import { plugin, projectRoot } from "../support/paths.ts";
import { childrenOf, gone } from "../support/processes.ts";
import { inOwnMounts, packed } from "./packed.ts";

const scratch = mkdtempSync(join(tmpdir(), "dlrpc-packed-"));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Only what is given here is in the program's environment. */
function packedHost(environment: Record<string, string> = {}, options: HostOptions = {}): Host {
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return new Host({ program: [packed], through: ["/usr/bin/env", "-i", ...variables], ...options });
}

test("an empty environment: processes, and further threads in one", async () => {
  await using host = packedHost();
  const echo = await host.load("echo");
  const { output } = await host.result("plugin/execute", { handle: echo, input: { a: 1 } });
  expect(output.context.input).toEqual({ a: 1 });
  const handle = await host.load("parallel");
  const calls = [1, 2].map(() => host.result("plugin/execute", { handle, input: { meet: 2 } }));
  expect((await Promise.all(calls)).map(({ success }) => success)).toEqual([true, true]);
  expect(await host.finish()).toEqual({ status: 0, signal: null });
  expect(host.stderr).toBe("");
});

test("an empty environment: exec, conformance, --version", () => {
  const run = (...args: string[]) => spawnSync(packed, args, { env: {}, encoding: "utf8" });
  expect(run("--version")).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: "" });
  expect(JSON.parse(run("exec", plugin("hello-world")).stdout)).toMatchObject({ success: true });
  const conformance = ["conformance", "--filter=W2", "--", packed, "serve"];
  const env = { PATH: "/usr/bin:/bin" }; // the suite needs a C compiler
  expect(spawnSync(packed, conformance, { env, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
});

test("NODE_OPTIONS, NODE_PATH and an inspector in the environment have no effect", async () => {
  const injected = join(scratch, "injected");
  const code = join(scratch, "inject.cjs");
  writeFileSync(code, `require("node:fs").writeFileSync(${JSON.stringify(injected)}, "")`);
  for (const name of ["node:fs", "fs", "koffi"]) copyFileSync(code, join(scratch, `${name.replace(":", "-")}.js`));
  const options = `--require ${code} --inspect=127.0.0.1:0 --no-such-option`;
  await using host = packedHost({ NODE_OPTIONS: options, NODE_PATH: scratch, NODE_INSPECT_RESUME_ON_START: "1" });
  await host.load("parallel");
  await host.finish();
  expect(host.stderr).toBe("");
  expect(readdirSync(scratch)).not.toContain("injected");
});

test("no variable of Node's has an effect: what it names is neither read, run nor made", async () => {
  const directory = mkdtempSync(join(scratch, "variables-"));
  const ran = join(directory, "ran");
  const code = join(directory, "code.cjs");
  writeFileSync(code, `require("node:fs").writeFileSync(${JSON.stringify(ran)}, "")`);
  const source = join(directory, "provider.c");
  writeFileSync(
    source,
    `#include <fcntl.h>\n__attribute__((constructor)) static void run(void) { open("${ran}", O_CREAT | O_WRONLY, 0600); }\n`,
  );
  const provider = join(directory, "provider.so");
  execFileSync("cc", ["-shared", "-fPIC", "-o", provider, source]);
  const configuration = join(directory, "openssl.cnf");
  const sections = `nodejs_conf = all\n[all]\nproviders = list\n[list]\none = its\n[its]\nmodule = ${provider}\nactivate = 1\n`;
  writeFileSync(configuration, sections);
  const made = ["cache", "coverage", "warnings", "history"].map((name) => join(directory, name));
  const [cache = "", coverage = "", warnings = "", history = ""] = made;
  const variables: Record<string, string> = {
    ...Object.fromEntries(nodeVariables.map((name) => [name, "1"])),
    NODE_CHANNEL_FD: "0",
    NODE_COMPILE_CACHE: cache,
    NODE_DEBUG: "*",
    NODE_DEBUG_NATIVE: "*",
    NODE_ICU_DATA: directory,
    NODE_REDIRECT_WARNINGS: warnings,
    NODE_REPL_EXTERNAL_MODULE: code,
    NODE_REPL_HISTORY: history,
    NODE_V8_COVERAGE: coverage,
    OPENSSL_CONF: configuration,
    OPENSSL_CONF_INCLUDE: directory,
    OPENSSL_ENGINES: directory,
    OPENSSL_MODULES: directory,
  };
  await using host = packedHost(variables);
  const handle = await host.load("echo");
  await host.result("plugin/execute", { handle });
  expect(await host.finish()).toEqual({ status: 0, signal: null });
  expect(host.stderr).toBe("");
  for (const [name, value] of Object.entries(variables)) {
    const { status, stderr } = spawnSync(packed, ["exec", plugin("echo")], {
      env: { [name]: value },
      encoding: "utf8",
    });
    expect([name, status, stderr]).toEqual([name, 0, ""]);
  }
  expect(readdirSync(directory).sort()).toEqual(["code.cjs", "openssl.cnf", "provider.c", "provider.so"]);
});

test("SIGUSR1 opens no inspector and ends nothing", async () => {
  await using host = packedHost();
  const handle = await host.load("echo");
  const before = childrenOf(host.child.pid as number);
  host.child.kill("SIGUSR1");
  await host.result("plugin/execute", { handle });
  const { plugins } = await host.result("plugin/list");
  expect(plugins).toMatchObject([{ handle, stats: { crashes: 0, restarts: 0 } }]);
  expect(childrenOf(host.child.pid as number)).toEqual(before);
  await host.finish();
  expect(host.stderr).toBe("");
});

test.each([
  ["read-only", "ro", expect.stringMatching(/^dlrpc: warn: no directory for temporary files can be written to.*\n$/)],
  ["noexec", "noexec", ""],
])("/tmp and /var/tmp are %s, and there is no /dev/shm", (_, option, stderr) => {
  const script = `
    mount --rbind ${projectRoot} /mnt # also where that is below /tmp
    mount -t tmpfs -o ${option} none /var/tmp
    mount -t tmpfs -o ro none /dev/shm
    mount -t tmpfs -o ${option} none /tmp
    cd /mnt/dist
    exec bin/dlrpc-linux-x64 exec fixtures/echo --input '{"a":1}'`;
  expect(inOwnMounts(script)).toMatchObject({
    stdout: expect.stringContaining('"input":{"a":1}'),
    stderr,
    status: 0,
  });
});

test("where no directory will hold the addon for a moment, the error names each and says why", () => {
  const home = join(scratch, "home");
  const mounts = `
    mkdir ${home} && mount --bind ${home} ${home} && cp "$0" ${home}/dlrpc && mount -o remount,bind,ro ${home}
    mount -t tmpfs -o noexec none /var/tmp
    mount -t tmpfs -o ro none /dev/shm`;
  const outcome = inOwnMounts(`${mounts}\nTMPDIR=/nonexistent exec ${home}/dlrpc --version`, [packed]);
  expect(outcome).toMatchObject({ stdout: "", status: 2 });
  const lines = outcome.stderr.split("\n").filter((line) => line.startsWith("  "));
  expect(lines).toEqual([
    "  /nonexistent: ENOENT: no such file or directory",
    "  /dev/shm: EROFS: read-only file system",
    "  /var/tmp: files there must not be run (mounted noexec?)",
    `  ${home}: EROFS: read-only file system`,
  ]);
  expect(outcome.stderr).toContain("Set TMPDIR");
});

test("what is unpacked leaves nothing behind, whatever ends it, and has no name while it is there", async () => {
  const temporary = mkdtempSync(join(scratch, "tmp-"));
  const host = packedHost({ TMPDIR: temporary });
  await host.load("echo");
  const [plugins] = readdirSync(temporary); // what the plugins may write to is all there is
  expect(readdirSync(temporary)).toEqual([expect.stringMatching(/^dlrpc-private-/)]);
  const pids = [host.child.pid as number, ...childrenOf(host.child.pid as number)];
  host.child.kill("SIGKILL");
  await gone(...pids);
  expect(readdirSync(temporary)).toEqual([plugins]);

  const next = packedHost({ TMPDIR: temporary }); // it removes what a killed one could not
  await next.load("echo");
  await expect.poll(() => readdirSync(temporary)).not.toContain(plugins);
  await next.finish();
  expect(readdirSync(temporary)).toEqual([]);
});
