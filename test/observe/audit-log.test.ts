// The audit log (T7): what is recorded and what never is; rotation, a full disk, and files that are none.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { begin, call, cancel, exited } from "../support/calls.ts";
import { Host, type HostOptions } from "../support/host.ts";
import { fixturesDirectory, plugin } from "../support/paths.ts";
import { libraryOf, PluginDirectory } from "../support/plugin-directory.ts";
import { line, messagesOf, run } from "../support/run.ts";

const hashOf = (bytes: string | Uint8Array) => `sha256-${createHash("sha256").update(bytes).digest("base64")}`;

/** A directory for a log, and hosts that write it. */
class Scene implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), "dlrpc-audit-"));
  readonly file = join(this.directory, "audit.log");

  host(options: HostOptions = {}): Host {
    return new Host({ ...options, args: ["--audit-log", this.file, ...(options.args ?? [])] });
  }

  // biome-ignore lint/suspicious/noExplicitAny: the shape of a line is what a test checks
  lines(file = this.file): any[] {
    const text = readFileSync(file, "utf8");
    expect(text === "" || text.endsWith("\n")).toBe(true);
    return text
      .split("\n")
      .slice(0, -1)
      .map((each) => JSON.parse(each));
  }

  events(file = this.file): string[] {
    return this.lines(file).map(({ event, outcome, reason }) => [event, outcome, reason].filter(Boolean).join(" "));
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true });
  }
}

const duration = expect.any(Number);

describe("T7: what is recorded", () => {
  test("loads, calls, crashes, reloads and ends, with who, what and how long", async () => {
    using scene = new Scene();
    await using host = scene.host();
    await host.result("initialize", { notifications: ["exited", "progress"] });
    const path = plugin("hostile");
    const handle = await host.load("hostile");
    const { text } = await call(host, handle, "count", { input: { do: "count", n: 1.5 } });
    await call(host, handle, "segv");
    await exited(host, handle);
    await host.result("plugin/reload", { handle });
    await host.result("plugin/unload", { handle });
    await host.finish();

    const integrity = hashOf(readFileSync(libraryOf("hostile")));
    const line = { time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/), pid: host.child.pid };
    const who = { ...line, handle, plugin: "hostile", path, integrity };
    const summary = (json: string) => ({ bytes: Buffer.byteLength(json), hash: hashOf(json) });
    const result = /"result":(.*)\}$/.exec(text)?.[1] ?? "";
    const ok = { outcome: "ok", durationMs: duration };
    expect(scene.lines()).toEqual(
      [
        { ...who, event: "load", asked: path, isolation: "process", signature: null, ...ok },
        { ...who, event: "execute", input: summary('{"do":"count","n":1.5}'), result: summary(result), ...ok },
        {
          ...who,
          event: "execute",
          input: summary('{"do":"segv"}'),
          result: null,
          outcome: "PLUGIN_CRASHED",
          durationMs: duration,
        },
        { ...who, event: "crash", signal: "SIGSEGV", exitCode: null, willRestart: true },
        { ...who, event: "reload", replaced: integrity, ...ok },
        { ...who, event: "unload", reason: "unload", ...ok },
      ].map((each) => expect.objectContaining(each)),
    );
    expect(Object.keys(scene.lines()[1])).toEqual([
      ...["time", "pid", "event", "handle", "plugin", "path", "integrity"],
      ...["input", "result", "outcome", "durationMs"],
    ]);
  });

  test("refused loads, with the reason; a reload that is refused", async () => {
    using scene = new Scene();
    using plugins = new PluginDirectory();
    const path = plugins.add("made");
    await using host = scene.host({ trust: [plugins.path, fixturesDirectory] });
    await host.error("plugin/load", { path: "/" });
    await host.error("plugin/load", { name: "nowhere" });
    await host.error("plugin/load", { path: plugin("no-symbols") });
    await host.error("plugin/load", { path, integrity: hashOf("") });
    await host.error("plugin/load", { path: plugin("crashes-at-load") });
    const { handle } = await host.result("plugin/load", { path });
    plugins.file("made/plugin.json", "{");
    await host.error("plugin/reload", { handle });
    await host.error("plugin/load", { path: "x".repeat(10_000) });
    await host.finish();
    const lines = scene.lines();
    expect(scene.events()).toEqual([
      "load UNTRUSTED_PATH",
      "load PATH_NOT_FOUND",
      "load SYMBOL_MISSING",
      "load INTEGRITY_FAILED",
      "load PLUGIN_CRASHED",
      "load ok",
      "reload INVALID_PLUGIN",
      "load PATH_NOT_FOUND",
      "unload shutdown",
    ]);
    expect(lines[0]).toMatchObject({ asked: "/", error: expect.stringContaining("outside every trusted") });
    expect(lines[1]).toMatchObject({ asked: "nowhere" });
    expect(lines[2]).toMatchObject({ plugin: "hostile", asked: plugin("no-symbols"), durationMs: duration });
    expect(lines[6]).toMatchObject({ handle, plugin: "counter", path, error: expect.stringContaining("not JSON") });
    expect(lines[7].asked.length).toBeLessThan(5000);
  });

  test("loads and reloads whose params are malformed, and others that are refused before anything is begun", async () => {
    using scene = new Scene();
    await using host = scene.host();
    await host.error("plugin/load", { path: "/asked", timeoutMs: -1 });
    await host.error("plugin/load", { name: "../asked" });
    await host.error("plugin/load", { path: 5, unknown: "x" });
    await host.error("plugin/load", [1]);
    await host.error("plugin/load");
    await host.error("plugin/reload", { handle: "unknown" });
    await host.error("plugin/reload", { handle: "asked", unknown: 1 });
    const busy = host.start("plugin/load", { path: plugin("hangs-at-load") });
    host.send(line(busy, "plugin/load", { path: "/twice" }).trimEnd());
    await host.answer(busy);
    host.notify("$/cancelRequest", { id: busy });
    host.start("shutdown");
    await host.error("plugin/load", { path: "/late" });
    await host.finish();
    expect(scene.lines().map(({ event, outcome, asked, handle }) => [event, outcome, asked ?? handle])).toEqual([
      ["load", "INVALID_PARAMS", "/asked"],
      ["load", "INVALID_PARAMS", "../asked"],
      ["load", "INVALID_PARAMS", ""],
      ["load", "INVALID_PARAMS", ""],
      ["load", "INVALID_PARAMS", ""],
      ["reload", "UNKNOWN_HANDLE", "unknown"],
      ["reload", "INVALID_PARAMS", "asked"],
      ["load", "DUPLICATE_ID", "/twice"],
      ["load", "SHUTTING_DOWN", "/late"],
      ["load", "REQUEST_CANCELLED", plugin("hangs-at-load")],
    ]);
    expect(scene.lines()[0]).toMatchObject({ error: expect.stringContaining("timeoutMs"), durationMs: duration });
  });

  test("processes that were ended because of a call, and calls that never ran", async () => {
    using scene = new Scene();
    await using host = scene.host({ args: ["--max-pending=1"] });
    await host.result("initialize", { notifications: ["exited", "progress"] });
    const handle = await host.load("hostile");
    await call(host, handle, "hang", { timeoutMs: 50 });
    await exited(host, handle, 1);
    const running = await begin(host, handle, "hang");
    const waiting = host.start("plugin/execute", { handle });
    await host.error("plugin/execute", { handle }); // one too many
    cancel(host, waiting);
    cancel(host, running);
    await exited(host, handle, 2);
    await host.error("plugin/execute", { handle: "unknown" });
    await host.finish();
    expect(scene.events()).toEqual([
      "load ok",
      "execute PLUGIN_TIMEOUT",
      "kill timeout",
      "execute OVERLOADED",
      "execute REQUEST_CANCELLED",
      "execute REQUEST_CANCELLED",
      "kill cancelled",
      "unload shutdown",
    ]);
    expect(scene.lines()[2]).toMatchObject({ handle, plugin: "hostile", signal: "SIGKILL", willRestart: true });
  });

  test("a plugin that is ready, and one that is in quarantine, when dlrpc ends", async () => {
    using scene = new Scene();
    await using host = scene.host();
    const ready = await host.load("counter");
    await host.result("plugin/execute", { handle: ready });
    const handle = await host.load("hostile");
    for (let i = 0; i < 3; i++) await call(host, handle, "exit_7");
    expect((await call(host, handle, "count")).error?.data.kind).toBe("PLUGIN_QUARANTINED");
    await host.finish();
    const events = scene.events();
    expect(events.slice(0, 3)).toEqual(["load ok", "execute ok", "load ok"]);
    expect(events.filter((event) => event === "crash")).toHaveLength(3);
    expect(events.slice(-3)).toEqual(["execute PLUGIN_QUARANTINED", "unload shutdown", "unload shutdown"]);
    expect(scene.lines()[0]).toMatchObject({ handle: ready, isolation: "process" });
    expect(scene.lines().findLast(({ event }) => event === "crash")).toMatchObject({ exitCode: 7, willRestart: false });
  });

  test("never what calls and results hold, and never more than a line", async () => {
    using scene = new Scene();
    await using host = scene.host();
    const secret = "s3cret-\u2028-token";
    const handle = await host.load("hostile", { config: { secret } });
    await host.result("plugin/execute", {
      handle,
      input: { do: "answer_input", success: true, output: { secret }, files: [] },
    });
    await host.error("plugin/execute", { handle, input: { do: "answer_input", secret, success: secret } });
    await call(host, handle, "print");
    await call(host, handle, "segv"); // "about to fall" is its last word on stderr
    await host.finish();
    expect(scene.events()).toContain("execute INVALID_RESULT");
    const text = readFileSync(scene.file, "utf8");
    for (const content of ["s3cret", "printed", "about to fall"]) expect(text).not.toContain(content);
    expect(text.split("\n")).toHaveLength(scene.lines().length + 1);
  });

  test("without the option nothing is written", async () => {
    using scene = new Scene();
    const requests = line(1, "plugin/load", { path: plugin("counter") });
    const outcome = await run(["--trust", fixturesDirectory], { input: requests, cwd: scene.directory });
    expect([messagesOf(outcome).length, existsSync(scene.file)]).toEqual([1, false]);
  });
});

describe("T7: the file", () => {
  test("is made for its owner only, is relative to the working directory, and is appended to", async () => {
    using scene = new Scene();
    const requests = line(1, "plugin/load", { path: plugin("counter") });
    const start = () =>
      run(["--trust", fixturesDirectory, "--audit-log", "audit.log"], { input: requests, cwd: scene.directory });
    await start();
    expect(statSync(scene.file).mode & 0o777).toBe(0o600);
    chmodSync(scene.file, 0o640);
    await start();
    expect(statSync(scene.file).mode & 0o777).toBe(0o640);
    expect(scene.events()).toEqual(["load ok", "unload shutdown", "load ok", "unload shutdown"]);
  });

  test("may be renamed at any time: the next line is in a new one", async () => {
    using scene = new Scene();
    await using host = scene.host();
    const handle = await host.load("counter");
    renameSync(scene.file, `${scene.file}.1`);
    await host.result("plugin/execute", { handle });
    rmSync(scene.file);
    await host.result("plugin/unload", { handle });
    await host.finish();
    expect(scene.events(`${scene.file}.1`)).toEqual(["load ok"]);
    expect(scene.events()).toEqual(["unload ok unload"]);
    expect(host.stderr).toBe("");
  });

  test("is shared by several programs, line by line", async () => {
    using scene = new Scene();
    const calls = 200;
    const work = async () => {
      await using host = scene.host();
      const handle = await host.load("counter");
      await Promise.all(Array.from({ length: calls }, () => host.result("plugin/execute", { handle })));
      await host.finish();
      return host.child.pid;
    };
    const pids = await Promise.all([work(), work(), work()]);
    const lines = scene.lines();
    expect(lines).toHaveLength(3 * (calls + 2));
    for (const pid of pids) expect(lines.filter((each) => each.pid === pid)).toHaveLength(calls + 2);
  });

  const useless: Record<string, [make: (path: string) => void, reason: RegExp]> = {
    "in a directory that is not there": [(path) => rmSync(join(path, ".."), { recursive: true }), /ENOENT/],
    "a directory": [(path) => execFileSync("mkdir", [path]), /EISDIR/],
    "a link": [(path) => symlinkSync(`${path}.elsewhere`, path), /ELOOP/],
    "a FIFO that nobody reads": [(path) => execFileSync("mkfifo", [path]), /ENXIO/],
    "a device": [(path) => symlinkSync("/dev/null", path), /ELOOP/],
  };

  test.each(Object.entries(useless))("of no use: %s: dlrpc does not start", async (_, [make, reason]) => {
    using scene = new Scene();
    make(scene.file);
    const { status, stdout, stderr } = await run(["--audit-log", scene.file], { input: line(1, "plugin/list") });
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(reason);
    expect(stderr).toMatch(
      /^dlrpc: --audit-log: .*audit\.log.*a regular file that may be appended to is needed, no link\n$/,
    );
    expect(existsSync(`${scene.file}.elsewhere`)).toBe(false);
    if (!existsSync(scene.directory)) execFileSync("mkdir", [scene.directory]); // for its removal
  });

  test("/dev/full is no regular file", async () => {
    const { status, stderr } = await run(["--audit-log", "/dev/full"]);
    expect([status, stderr]).toEqual([2, expect.stringContaining("not a regular file")]);
  });

  test("that becomes a link or a FIFO later is not written through: one warning, and calls go on", async () => {
    using scene = new Scene();
    await using host = scene.host();
    const handle = await host.load("counter");
    const elsewhere = join(scene.directory, "elsewhere");
    writeFileSync(elsewhere, "");
    rmSync(scene.file);
    symlinkSync(elsewhere, scene.file);
    await host.result("plugin/execute", { handle });
    rmSync(scene.file);
    execFileSync("mkfifo", [scene.file]);
    await host.result("plugin/execute", { handle });
    rmSync(scene.file);
    await host.result("plugin/execute", { handle });
    await host.finish();
    expect(readFileSync(elsewhere, "utf8")).toBe("");
    expect(scene.events()).toEqual(["lost", "execute ok", "unload shutdown"]);
    expect(scene.lines()[0]).toMatchObject({ event: "lost", lines: 2, pid: host.child.pid });
    expect(host.stderr.match(/cannot be written, calls go on without it/g)).toHaveLength(1);
    expect(host.stderr.match(/is written again; 2 lines are missing/g)).toHaveLength(1);
  });
});

describe("T7: a full disk costs a warning and no call", () => {
  const LIMIT_KIB = 512;
  /** A limit on the size of files cuts a write short as a full disk does: what fits is written, then nothing is. */
  const through = ["bash", "-c", `ulimit -S -f ${LIMIT_KIB}; exec "$@"`, "limited"];

  test.each([1, 50, 150, 250, 400])("with room for %i bytes: no part of a line stays", async (room) => {
    using scene = new Scene();
    const filling = `${JSON.stringify({ filling: "x".repeat(LIMIT_KIB * 1024 - room - 15) })}\n`;
    writeFileSync(scene.file, filling);
    await using host = scene.host({ through });
    const handle = await host.load("counter");
    for (let count = 1; count <= 3; count++) {
      expect((await host.result("plugin/execute", { handle })).output.count).toBe(count);
    }
    const written = readFileSync(scene.file, "utf8").slice(filling.length);
    expect(written === "" || written.endsWith("\n")).toBe(true);
    const kept = written
      .split("\n")
      .slice(0, -1)
      .map((each) => JSON.parse(each).event);
    expect(kept).toEqual(["load", "execute", "execute", "execute"].slice(0, kept.length));
    expect(kept.length).toBeLessThan(4);
    await expect.poll(() => host.stderr).toMatch(/cannot be written, calls go on/);

    renameSync(scene.file, `${scene.file}.1`); // and there is room again
    await host.result("plugin/unload", { handle });
    await host.finish();
    const lost = 4 - kept.length;
    expect(scene.lines()[0]).toMatchObject({ event: "lost", lines: lost });
    expect(scene.events()).toEqual(["lost", "unload ok unload"]);
    expect(host.stderr.match(/cannot be written/g)).toHaveLength(1);
    expect(host.stderr).toContain(`${lost} lines are missing`);
  });

  test("until there is room again in the same file", async () => {
    using scene = new Scene();
    writeFileSync(scene.file, `${JSON.stringify({ filling: "x".repeat(LIMIT_KIB * 1024 - 2000) })}\n`);
    await using host = scene.host({ through });
    const handle = await host.load("counter");
    for (let i = 0; i < 20; i++) await host.result("plugin/execute", { handle });
    await expect.poll(() => host.stderr).toMatch(/cannot be written, calls go on/);
    const full = scene.events();
    expect(full.length).toBeGreaterThan(2);
    expect(full.length).toBeLessThan(20);
    execFileSync("prlimit", ["--pid", `${host.child.pid}`, "--fsize=unlimited"]);
    await host.result("plugin/unload", { handle });
    await host.finish();
    expect(scene.events()).toEqual([...full, "lost", "unload ok unload"]);
    expect(scene.lines().at(-2)).toMatchObject({ event: "lost", lines: 22 - full.length });
    expect(host.stderr.match(/cannot be written/g)).toHaveLength(1);
  });
});
