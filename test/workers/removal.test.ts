// S8: what plugins leave in their directories is removed, however much it is, however deep and with whatever modes, and
// nobody waits for that.

import { execFileSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { begin } from "../support/calls.ts";
import { users } from "../support/confined.ts";
import { Host } from "../support/host.ts";
import { plugin } from "../support/paths.ts";
import { childrenOf } from "../support/processes.ts";

const MANY = 20_000;
const DEEP = 300;

class Scene implements Disposable {
  readonly temporary = realpathSync(mkdtempSync(join(tmpdir(), "dlrpc-removal-")));
  readonly kept = realpathSync(mkdtempSync(join(tmpdir(), "dlrpc-kept-")));
  private readonly through: readonly string[];

  constructor(through: readonly string[] = []) {
    this.through = through;
    chmodSync(this.temporary, 0o777);
    writeFileSync(join(this.kept, "file"), "as it was");
  }

  host(): Host {
    return new Host({ env: { TMPDIR: this.temporary }, through: this.through });
  }

  /** The directories of workers and of their code. */
  get directories(): string[] {
    return readdirSync(this.temporary).flatMap((program) =>
      readdirSync(join(this.temporary, program)).map((name) => join(this.temporary, program, name)),
    );
  }

  /** That of the worker that was started last. */
  get last(): string {
    const found = this.directories.toSorted(
      (one, other) => Number(one.split("/").at(-1)) - Number(other.split("/").at(-1)),
    );
    return found.at(-1) as string;
  }

  [Symbol.dispose](): void {
    for (const path of [this.temporary, this.kept]) rmSync(path, { recursive: true });
  }
}

function fillWithMany(directory: string): void {
  const first = join(directory, "first");
  writeFileSync(first, "");
  for (let n = 0; n < MANY; n++) linkSync(first, join(directory, String(n)));
}

/** By descriptors: no path is that long. */
function fillDeeply(directory: string): void {
  let descriptor = openSync(directory, "r");
  for (let n = 0; n < DEEP; n++) {
    const inner = `/proc/self/fd/${descriptor}/${"d".repeat(200)}`;
    mkdirSync(inner);
    writeFileSync(`/proc/self/fd/${descriptor}/file`, "");
    const next = openSync(inner, "r");
    closeSync(descriptor);
    descriptor = next;
  }
  closeSync(descriptor);
}

/** Modes that let nobody in, names that removal itself uses, links that lead out, and what is no file. */
function fillWithOdds(directory: string, kept: string): void {
  for (const name of ["0", "1/2/3", "closed/inner/innermost"]) mkdirSync(join(directory, name), { recursive: true });
  for (const name of ["2", "1/file", "1/2/3/file", "closed/inner/innermost/file"])
    writeFileSync(join(directory, name), "");
  for (const name of ["link", "1/link", "closed/link"]) symlinkSync(kept, join(directory, name));
  execFileSync("mkfifo", [join(directory, "fifo")]);
  for (const name of ["closed/inner/innermost", "closed/inner", "closed"]) chmodSync(join(directory, name), 0);
  chmodSync(join(directory, "1"), 0o500);
  chmodSync(directory, 0);
}

async function loaded(host: Host): Promise<string> {
  return (await host.result("plugin/load", { path: plugin("counter") })).handle;
}

test.each(users)("S8: deep directories, closed ones, and what is no file, as $name", async ({ through, uid }) => {
  using scene = new Scene(through);
  await using host = scene.host();
  const handle = await loaded(host);
  const { last: directory } = scene;
  fillDeeply(directory);
  fillWithOdds(directory, scene.kept);
  if (uid !== 0) execFileSync("chown", ["-R", "-h", `${uid}:${uid}`, directory]);
  await host.result("plugin/unload", { handle });
  await expect.poll(() => scene.directories, { timeout: 20_000 }).toEqual([]);
  expect(readFileSync(join(scene.kept, "file"), "utf8")).toBe("as it was");
  expect(await host.finish()).toEqual({ status: 0, signal: null });
  expect([readdirSync(scene.temporary), host.stderr]).toEqual([[], ""]);
});

test("S8: many files: dlrpc itself does not work on that, and the end does not wait for it", async () => {
  using scene = new Scene();
  const host = scene.host();
  const handle = await loaded(host);
  fillWithMany(scene.last);
  const before = processorMs(host);
  await host.result("plugin/unload", { handle });
  await expect.poll(() => scene.directories, { timeout: 30_000 }).toEqual([]);
  expect(processorMs(host) - before).toBeLessThan(500);
  expect(await host.end()).toEqual({ status: 0, signal: null });
});

test("S8: what a dlrpc that was killed left is removed in the same way", async () => {
  using scene = new Scene();
  const killed = scene.host();
  await loaded(killed);
  const { last: directory } = scene;
  killed.child.kill("SIGKILL");
  await killed.exit();
  fillDeeply(directory);
  fillWithMany(directory);
  const [left] = readdirSync(scene.temporary);
  await using next = scene.host();
  await next.result("plugin/list");
  const before = processorMs(next);
  await loaded(next);
  await expect.poll(() => readdirSync(scene.temporary), { timeout: 30_000 }).not.toContain(left);
  expect(processorMs(next) - before).toBeLessThan(500);
});

/** What a plugin that may write beside its directory can put in its place: `kept` is what it is after. */
const replacements: Record<string, (last: string, kept: string) => void> = {
  "a link in its place": (last, kept) => {
    renameSync(last, `${last}-moved`);
    symlinkSync(kept, last);
  },
  "a file in its place": (last, kept) => {
    renameSync(last, `${last}-moved`);
    linkSync(join(kept, "file"), last);
  },
  "a link in the place of what it lies in": (last, kept) => {
    const program = dirname(last);
    renameSync(last, join(kept, basename(last)));
    renameSync(program, `${program}-moved`);
    symlinkSync(kept, program);
  },
};

test.each(Object.entries(replacements))("S8: %s is neither followed nor changed", async (_, replace) => {
  using scene = new Scene();
  await using host = scene.host();
  const handle = await loaded(host);
  const { last, kept } = scene;
  writeFileSync(join(last, "left"), "as it was");
  chmodSync(kept, 0o750);
  chmodSync(join(kept, "file"), 0o640);
  replace(last, kept);
  const state = () => [
    statSync(kept).mode & 0o777,
    statSync(join(kept, "file")).mode & 0o777,
    readdirSync(kept, { recursive: true }),
  ];
  const before = state();
  await host.result("plugin/unload", { handle });
  await expect.poll(() => host.stderr).toMatch(`${last} cannot be removed: `);
  expect(state()).toEqual(before);
  expect(await host.finish()).toEqual({ status: 0, signal: null });
});

test("S8: what cannot be removed does not keep others' from going", async () => {
  using scene = new Scene();
  await using host = scene.host();
  const first = await loaded(host);
  const { last } = scene;
  const second = await loaded(host);
  const { last: other } = scene;
  writeFileSync(join(other, "left"), "");
  replacements["a link in its place"]?.(last, scene.kept);
  await host.result("plugin/unload", { handle: first });
  await host.result("plugin/unload", { handle: second });
  await expect.poll(() => scene.directories).not.toContain(other);
});

test.each(users)("S8, L10: a second signal removes what is closed as well, as $name", async ({ through, uid }) => {
  using scene = new Scene(through);
  await using host = scene.host();
  await host.result("initialize", { notifications: ["progress"] });
  await begin(host, await host.load("hostile"), "hang");
  const { last: directory } = scene;
  fillWithOdds(directory, scene.kept);
  if (uid !== 0) execFileSync("chown", ["-R", "-h", `${uid}:${uid}`, directory]);
  host.stdin.end();
  host.child.kill("SIGTERM");
  host.child.kill("SIGTERM");
  await host.exit();
  expect([readdirSync(scene.temporary), host.stderr]).toEqual([[], ""]);
});

test("S8, L10: a signal while the last directories are removed leaves none", async () => {
  using scene = new Scene();
  await using host = scene.host();
  await loaded(host);
  fillWithMany(scene.last);
  host.stdin.end();
  const removers = () => childrenOf(host.child.pid as number).filter(isRemover);
  await expect.poll(removers, { interval: 1 }).toHaveLength(1);
  process.kill(removers()[0] as number, "SIGSTOP");
  host.child.kill("SIGTERM");
  await host.exit();
  expect(readdirSync(scene.temporary)).toEqual([]);
});

function isRemover(pid: number): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, "latin1").startsWith("dlrpc: removing");
}

test("S8: where directories for temporary files cannot be listed, plugins run all the same", async () => {
  const { through } = users.at(-1) as (typeof users)[number];
  using scene = new Scene(through);
  if (process.getuid?.() === 0 && through.length > 0) execFileSync("chown", ["65534", scene.temporary]);
  chmodSync(scene.temporary, 0o300);
  await using host = new Host({ env: { TMPDIR: scene.temporary }, through, args: ["--log-level=info"] });
  await loaded(host);
  await expect.poll(() => host.stderr).toMatch(/what an earlier dlrpc left in .* stays there: .*EACCES/);
  expect((await host.result("plugin/list")).plugins).toHaveLength(1);
  expect(await host.finish()).toEqual({ status: 0, signal: null });
  chmodSync(scene.temporary, 0o700);
  expect(readdirSync(scene.temporary)).toEqual([]);
});

/** How long a program has used the processor so far, in whole ticks (Linux: proc(5)). */
function processorMs({ child: { pid } }: Host): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}

const ticksPerSecond = Number(execFileSync("getconf", ["CLK_TCK"]));
