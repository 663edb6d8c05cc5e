// The client as it is published: in a project of somebody else's, which has nothing but dlrpc and its dependencies.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lacksAnyForPackaging } from "../../fixtures/tools.ts";
import { fixturesDirectory, projectRoot } from "../support/paths.ts";
import { TemporaryDirectory } from "../support/temporary-directory.ts";
import { cleanEnvironment } from "./support.ts";

const project = new TemporaryDirectory();
const installed = join(project.path, "node_modules", "dlrpc");
const manifest = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8"));

function put(name: string, text: string): void {
  writeFileSync(join(project.path, name), text);
}

/** Makes a package of the repository's node_modules available to the project. */
function link(name: string): void {
  const target = join(project.path, "node_modules", name);
  mkdirSync(join(target, ".."), { recursive: true });
  symlinkSync(join(projectRoot, "node_modules", name), target);
}

function run(script: string) {
  put("main.mts", script);
  const environment = { ...cleanEnvironment, PLUGINS: fixturesDirectory };
  const args = ["--unhandled-rejections=strict", "main.mts"];
  const options = { cwd: project.path, env: environment, encoding: "utf8", timeout: 20_000 } as const;
  return spawnSync(process.execPath, args, options);
}

describe.skipIf(lacksAnyForPackaging())("dlrpc/client as it is packed", () => {
  beforeAll(() => {
    mkdirSync(installed, { recursive: true });
    const destination = ["--pack-destination", project.path];
    const stdio = ["ignore", "pipe", "inherit"] as const;
    execFileSync("npm", ["run", "--silent", "package:npm"], { cwd: projectRoot, stdio: [...stdio] });
    execFileSync("npm", ["pack", "--silent", ...destination, "./dist/npm"], { cwd: projectRoot, stdio: [...stdio] });
    const [tarball = ""] = readdirSync(project.path).filter((name) => name.endsWith(".tgz"));
    execFileSync("tar", ["xzf", join(project.path, tarball), "-C", installed, "--strip-components=1"]);
    for (const name of [...Object.keys(manifest.dependencies), "@koromix", "@types/node", "undici-types"]) link(name);
    put("package.json", JSON.stringify({ type: "module" }));
  }, 60_000);

  afterAll(() => project[Symbol.dispose]());

  test("its declarations are complete: a strict project compiles against them", () => {
    put(
      "use.ts",
      `import { PluginCrashedError, spawnDlrpc, type Problem } from "dlrpc/client";
     await using host = await spawnDlrpc({ trust: ["plugins"], notifications: ["log"] });
     host.on("log", ({ handle, stream, text }) => [handle, stream, text].map((part: string) => part));
     await using plugin = await host.load({ name: "echo", isolation: "process", sandbox: { memoryMb: 64 } });
     const version: string = plugin.metadata.version;
     const problems: Problem[] = (await host.validate("x")).problems;
     try {
       const { output } = await plugin.execute<{ a: number }>({ version, problems }, { timeoutMs: 5 });
       output.a.toFixed();
       for await (const { line } of plugin.stream<{ line: number }>({}, { cancelGraceMs: 5 })) line.toFixed();
     } catch (error) {
       if (error instanceof PluginCrashedError) error.data.stderrTail.trim();
     }
     // @ts-expect-error: a type that is inferred from a schema must not have become any
     plugin.execute({}, { timeoutMs: "5" });
     // @ts-expect-error
     spawnDlrpc({ notifications: ["logs"] });
     // @ts-expect-error
     const isolation: number = plugin.loaded.isolation;`,
    );
    for (const settings of [
      { module: "nodenext", moduleResolution: "nodenext" },
      { module: "esnext", moduleResolution: "bundler" },
    ]) {
      const compilerOptions = {
        ...settings,
        target: "es2024",
        lib: ["es2024", "esnext.disposable"],
        types: ["node"],
        strict: true,
        exactOptionalPropertyTypes: true,
        noEmit: true,
      };
      put("tsconfig.json", JSON.stringify({ compilerOptions, files: ["use.ts"] }));
      const tsc = join(projectRoot, "node_modules", ".bin", "tsc");
      expect(spawnSync(tsc, ["-p", project.path], { encoding: "utf8" })).toMatchObject({ stdout: "", status: 0 });
    }
  });

  test("it runs, with the program beside it", () => {
    const { stdout, stderr, status } = run(`
    import { spawnDlrpc } from "dlrpc/client";
    await using host = await spawnDlrpc({ trust: [process.env.PLUGINS!] });
    await using plugin = await host.load({ name: "hello-world" });
    console.log(plugin.metadata.name, (await plugin.execute()).success);
  `);
    expect({ stdout, stderr, status }).toEqual({ stdout: "hello-world true\n", stderr: "", status: 0 });
  });

  test("nothing is left unhandled when the program is lost, and nothing keeps the process", () => {
    const { stdout, stderr, status } = run(`
    import { once } from "node:events";
    import { ConnectionLostError, spawnDlrpc } from "dlrpc/client";
    const host = await spawnDlrpc({ trust: [process.env.PLUGINS!] });
    const plugin = await host.load(process.env.PLUGINS + "/hostile");
    const { promise: begun, resolve } = Promise.withResolvers<void>();
    const signal = new AbortController().signal;
    const call = plugin.execute({ do: "hang" }, { signal, onProgress: () => resolve() });
    await begun;
    const exit = once(host, "exit");
    process.kill(host.pid, "SIGKILL");
    await call.catch((error: unknown) => console.log(error instanceof ConnectionLostError));
    await exit;
    console.log(process.getActiveResourcesInfo().includes("Timeout"));
  `);
    expect({ stdout, stderr, status }).toEqual({ stdout: "true\nfalse\n", stderr: "", status: 0 });
  });

  test("what a listener throws is an uncaught exception, as of any emitter", () => {
    const { stderr, status } = run(`
    import { spawnDlrpc } from "dlrpc/client";
    const host = await spawnDlrpc({ trust: [process.env.PLUGINS!] });
    host.on("log", () => { throw new Error("from the listener"); });
    const plugin = await host.load(process.env.PLUGINS + "/hostile");
    await plugin.execute({ do: "print" });
  `);
    expect(stderr).toContain("from the listener");
    expect(status).toBe(1);
  });
});
