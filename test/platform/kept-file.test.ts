// Where the portable half keeps files that a user without a home needs: in a directory that is this user's alone.

import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isClosedToOthers } from "../support/confined.ts";
import { projectRoot } from "../support/paths.ts";

const module = JSON.stringify(join(projectRoot, "src", "platform", "portable", "files", "kept-file.ts"));
const script = `
  import { keepFile } from ${module};
  console.log(keepFile("parts", "a.part", Buffer.from("its bytes")));`;
const user = process.getuid?.() ?? 0;

let temporary: string;
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), "dlrpc-kept-"));
});
afterEach(() => rmSync(temporary, { recursive: true }));

function keep(through: readonly string[] = []) {
  const [program = "", ...args] = [...through, process.execPath, "--input-type=module", "--eval", script];
  const { XDG_CACHE_HOME: _, ...others } = process.env;
  const env = { ...others, HOME: "/nonexistent", TMPDIR: temporary };
  return spawnSync(program, args, { encoding: "utf8", env });
}

function expectKept(said: { stdout: string; stderr: string }, directory: string): void {
  expect(said.stderr).toBe("");
  const path = said.stdout.trim();
  expect(path.startsWith(join(temporary, directory, "parts", "a-"))).toBe(true);
  expect(readFileSync(path, "utf8")).toBe("its bytes");
}

test("in a directory among the files for a time", () => {
  expectKept(keep(), `dlrpc-of-${user}`);
  expectKept(keep(), `dlrpc-of-${user}`); // it is there
});

test.skipIf(user !== 0 || isClosedToOthers())(
  "also for a user of whom the system knows no more than the number",
  () => {
    chmodSync(temporary, 0o777);
    expectKept(keep(["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups"]), "dlrpc-of-54321");
  },
);

test.each<[string, (path: string) => void]>([
  ["a file", (path) => writeFileSync(path, "")],
  ["a link", (path) => symlinkSync(temporary, path)],
  ["a directory that others may write to", (path) => chmodSync(mkdirSync(path, { recursive: true }) ?? "", 0o777)],
])("what others may have put there is not used: %s", (_, put) => {
  const path = join(temporary, `dlrpc-of-${user}`);
  put(path);
  const { status, stderr } = keep();
  expect(status).toBe(1);
  expect(stderr).toContain(path);
});
