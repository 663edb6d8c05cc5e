// T3: --strict-permissions also looks at what the command line relies on, keys and the audit log.

import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  lchownSync,
  mkdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { plugin } from "../support/paths.ts";
import { run } from "../support/run.ts";
import { KeyDirectory } from "../support/signing.ts";

const keys = new KeyDirectory();
afterAll(() => keys[Symbol.dispose]());
const { public: author } = await keys.generate("author");
const STRANGER = 65533;

let scenes = 0;

/** A key and a place for a log, each in a directory of its own, nothing of which others may write to. */
class Scene {
  readonly above = this.directory(keys.path, `${scenes++}`);
  readonly keys = this.directory(this.above, "keys");
  readonly key = join(this.keys, "author.pub");
  readonly logs = this.directory(this.above, "logs");
  readonly log = join(this.logs, "audit.log");

  constructor() {
    copyFileSync(author, this.key);
    chmodSync(this.key, 0o644);
  }

  /** A link in a directory of its own to the key. */
  link(to = this.key): { directory: string; path: string } {
    const directory = this.directory(this.above, "links");
    const path = join(directory, "link.pub");
    symlinkSync(to, path);
    return { directory, path };
  }

  private directory(...parts: readonly [string, string]): string {
    const path = join(...parts);
    mkdirSync(path);
    chmodSync(path, 0o755); // whatever the umask
    return path;
  }
}

/** What `dlrpc serve` says of these options: nothing where it starts. */
async function serve(...args: readonly string[]): Promise<string> {
  const { status, stderr } = await run(["serve", ...args]);
  expect(status, stderr).toBe(stderr === "" ? 0 : 2);
  return stderr;
}

/** The same with --strict-permissions, without which it starts. */
async function strictly(...args: readonly string[]): Promise<string> {
  expect(await serve(...args)).toBe("");
  return serve("--strict-permissions", ...args);
}

const writable = (option: string, path: string, file: string) =>
  `dlrpc: --${option} ${file}: ${path} may be written to by its group or by others, who could put something else there; ` +
  `chmod go-w '${path}', or leave out --strict-permissions\n`;
const foreign = (option: string, path: string, file: string) =>
  `dlrpc: --${option} ${file}: ${path} belongs to user ${STRANGER}, who could put something else there; ` +
  `let it belong to root or to user 0, who runs dlrpc: chown root '${path}', or leave out --strict-permissions\n`;

describe.each(["require-signature", "signature-key"])("--%s", (option) => {
  test.each(["above", "keys", "key"] as const)("%s that others may write to", async (part) => {
    const scene = new Scene();
    chmodSync(scene[part], 0o775);
    expect(await strictly(`--${option}`, scene.key)).toBe(writable(option, scene[part], scene.key));
  });

  test("a link in a directory that others may write to, through which one of theirs could be read", async () => {
    const scene = new Scene();
    const { directory, path } = scene.link();
    expect(await strictly(`--${option}`, path)).toBe("");
    chmodSync(directory, 0o757);
    expect(await strictly(`--${option}`, path)).toBe(writable(option, directory, path));
  });

  test("a link to a directory on the way, and `..` behind it, lead where the system goes", async () => {
    const scene = new Scene();
    const { directory, path } = scene.link(scene.keys);
    expect(await strictly(`--${option}`, `${path}/../keys/author.pub`)).toBe("");
    chmodSync(directory, 0o757);
    const given = `${path}/../keys/author.pub`;
    expect(await strictly(`--${option}`, given)).toBe(writable(option, directory, given));
  });

  test("a directory with the sticky bit, where nobody renames what is another's", async () => {
    const scene = new Scene();
    chmodSync(scene.keys, 0o1777);
    expect(await strictly(`--${option}`, scene.key)).toBe("");
  });

  test.runIf(process.getuid?.() === 0).each(["above", "keys", "key"] as const)(
    "%s that belongs to somebody else",
    async (part) => {
      const scene = new Scene();
      chownSync(scene[part], STRANGER, 0);
      expect(await strictly(`--${option}`, scene.key)).toBe(foreign(option, scene[part], scene.key));
    },
  );

  test.runIf(process.getuid?.() === 0)("a link that belongs to somebody else", async () => {
    const { path } = new Scene().link();
    lchownSync(path, STRANGER, 0);
    expect(await strictly(`--${option}`, path)).toBe(foreign(option, path, path));
  });
});

test("each of several keys is looked at", async () => {
  const [good, bad] = [new Scene(), new Scene()];
  chmodSync(bad.key, 0o666);
  const args = ["--require-signature", good.key, "--require-signature", bad.key];
  expect(await strictly(...args)).toBe(writable("require-signature", bad.key, bad.key));
});

test("dlrpc exec looks at keys, too", async () => {
  const scene = new Scene();
  chmodSync(scene.key, 0o664);
  const args = ["exec", plugin("counter"), "--signature-key", scene.key, "--input", '{"op":"increment"}'];
  expect((await run(args)).stderr).toBe("");
  const { status, stderr } = await run([...args, "--strict-permissions"]);
  expect([status, stderr]).toEqual([2, writable("signature-key", scene.key, scene.key)]);
});

describe("--audit-log", () => {
  test.each([
    ["above", 0o775],
    ["logs", 0o775],
    ["logs", 0o1777], // whoever rotates it away leaves its name to others
  ] as const)("%s with the mode %o: refused, and no file is made", async (part, mode) => {
    const scene = new Scene();
    chmodSync(scene[part], mode);
    expect(await serve("--strict-permissions", "--audit-log", scene.log)).toBe(
      writable("audit-log", scene[part], scene.log),
    );
    expect(existsSync(scene.log)).toBe(false);
    expect(await serve("--audit-log", scene.log)).toBe("");
  });

  test("a file that others may write to", async () => {
    const scene = new Scene();
    writeFileSync(scene.log, "");
    chmodSync(scene.log, 0o646);
    expect(await strictly("--audit-log", scene.log)).toBe(writable("audit-log", scene.log, scene.log));
  });

  test.runIf(process.getuid?.() === 0).each(["above", "logs", "log"] as const)(
    "%s that belongs to somebody else",
    async (part) => {
      const scene = new Scene();
      writeFileSync(scene.log, "");
      chownSync(scene[part], STRANGER, 0);
      expect(await strictly("--audit-log", scene.log)).toBe(foreign("audit-log", scene[part], scene.log));
    },
  );

  test("one that is there, and one that is not yet, in a directory that is in order", async () => {
    const { log } = new Scene();
    expect(await serve("--strict-permissions", "--audit-log", log)).toBe("");
    expect(await serve("--strict-permissions", "--audit-log", log)).toBe("");
  });
});

test("what is not there, or leads in a circle, is told as without it", async () => {
  const scene = new Scene();
  const circle = join(scene.keys, "circle");
  symlinkSync(circle, circle);
  for (const args of [
    ["--signature-key", join(scene.keys, "none.pub")],
    ["--signature-key", circle],
    ["--audit-log", circle],
    ["--audit-log", join(scene.logs, "a".repeat(256))],
    ["--audit-log", join(circle, "audit.log")],
    ["--audit-log", join(scene.logs, "none", "audit.log")],
  ]) {
    const without = await serve(...args);
    expect(without).toMatch(/^dlrpc: --[\w-]+: \w+: /);
    expect(await serve("--strict-permissions", ...args)).toBe(without);
  }
});
