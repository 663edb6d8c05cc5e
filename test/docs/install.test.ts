// docs/install.md: what it shows works, line by line.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { lacks } from "../../fixtures/tools.ts";
import { verbs } from "../../src/cli/verbs.ts";
import { tarGz, zip } from "../cli/installing/archives.ts";
import { goodFiles, OperatorHome } from "../cli/installing/home.ts";
import { Page } from "../support/page.ts";
import { ownProgram, projectRoot } from "../support/paths.ts";
import { KeyDirectory, signPlugin } from "../support/signing.ts";

const page = new Page("docs/install.md");
const [itself = "", completions = "", plugins = "", signed = "", validating = "", scripted = "", shared = ""] =
  page.code("sh");

const launcher = `#!/bin/sh\nexec ${ownProgram.map((part) => `'${part}'`).join(" ")} "$@"\n`;

/** A reader's home, in which dlrpc is installed as the page says. */
class Reader extends OperatorHome {
  constructor() {
    super();
    const program = { name: "dlrpc-linux-x64/dlrpc", content: launcher, mode: 0o755 };
    const manual = { name: "dlrpc-linux-x64/dlrpc.1", content: readFileSync(join(projectRoot, "dist", "dlrpc.1")) };
    const archive = tarGz([program, manual]);
    this.file("dlrpc-linux-x64.tar.gz", archive);
    const sum = createHash("sha256").update(archive).digest("hex");
    this.file("SHA256SUMS", `${sum}  dlrpc-linux-x64.tar.gz\n${"0".repeat(64)}  dlrpc-linux-arm64.tar.gz\n`);
    const hello = (version: string) =>
      goodFiles({ name: "hello", version }).map((file) => ({ ...file, name: file.name.replace("made", "hello") }));
    this.file(
      "hello-1.0.0.tar.gz",
      tarGz(hello("1.0.0").map((file) => ({ ...file, name: `hello-1.0.0/${file.name}` }))),
    );
    this.file("hello-1.1.0.zip", zip(hello("1.1.0")));
  }

  /** Runs lines as a shell does, of which each has to succeed. @returns all that they print to stdout */
  lines(lines: string): string {
    const env = {
      ...process.env,
      HOME: this.path,
      PATH: `${this.path}/.local/bin:${process.env.PATH}`,
      DLRPC_TRUSTED_DIRS: "",
    };
    return execFileSync("sh", ["-euc", lines], { cwd: this.path, env, encoding: "utf8" });
  }
}

test("dlrpc itself, and what completes it", () => {
  using reader = new Reader();
  expect(reader.lines(itself)).toMatch(/^dlrpc-linux-x64\.tar\.gz: OK\nok +dlrpc +\d/m);
  reader.lines(completions);
  expect(readFileSync(join(reader.path, ".config/fish/completions/dlrpc.fish"), "utf8")).toContain("complete -c dlrpc");
  const offered = `source ~/.bashrc; complete -p dlrpc`;
  expect(reader.lines(`bash -c '${offered}'`)).toBe("complete -F _dlrpc dlrpc\n");
  if (!lacks("man")) expect(reader.lines("man -M ~/.local/share/man -w dlrpc")).toContain("man1/dlrpc.1");
});

test("plugins: installed, listed, updated, removed", () => {
  using reader = new Reader();
  reader.lines(itself);
  const printed = reader.lines(plugins);
  expect(printed).toMatch(/^hello 1\.0\.0 is installed in .*\n(.*\n)*hello +1\.0\.0 +valid /);
  expect(printed).toMatch(/hello 1\.1\.0 is installed in .*, in the place of 1\.0\.0\n.*\/hello is removed\n$/);
  expect(reader.installed).toEqual([]);
});

test("signed ones", async () => {
  using reader = new Reader();
  using keys = new KeyDirectory();
  const author = await keys.generate("author");
  reader.lines(`${itself}\nmkdir hello && tar -xzf hello-1.0.0.tar.gz --strip-components=1 -C hello`);
  await signPlugin(join(reader.path, "hello"), author);
  reader.file("author.pub", readFileSync(author.public));
  reader.lines("tar -czf hello-1.0.0.tar.gz hello");
  expect(reader.lines(signed)).toMatch(/signed with [0-9A-F]{16}\n\{"success":true/);
});

test.skipIf(lacks("jq"))("before installing, in scripts, and for all users", () => {
  using reader = new Reader();
  reader.lines(itself);
  for (const name of ["hello", "other"]) reader.add(`plugins/${name}`, { manifest: { name }, as: [`lib${name}.so`] });
  expect(reader.lines(validating)).toMatch(/^hello +1\.0\.0 +valid.*\nother +1\.0\.0 +valid/m);
  reader.add(".vtcode/plugins/old", { manifest: { name: "old", abi_version: 2 }, as: ["libold.so"] });
  expect(reader.lines(scripted)).toBe(`${reader.plugins}/old\n`);
  const everybody = join(reader.path, "usr/local/lib/dlrpc/plugins/hello/plugin.json");
  mkdirSync(dirname(everybody), { recursive: true, mode: 0o755 });
  writeFileSync(everybody, JSON.stringify({ name: "hello", description: "x", version: "1.0.0" }));
  expect(reader.lines(shared.replace("=/usr", `=${reader.path}/usr`))).toMatch(
    /^hello +1\.0\.0 .*\/usr\/local\/lib\/dlrpc\/plugins\/hello$/m,
  );
});

test("its table of statuses is the verbs' own, and its options are theirs", () => {
  const told = [...page.text.matchAll(/^\| (`dlrpc .*`) \|/gm)].flatMap(([, names = ""]) =>
    [...names.matchAll(/`dlrpc ([a-z-]+)`/g)].map(([, name]) => name),
  );
  expect(told.length).toBeGreaterThan(5);
  for (const name of told) expect(verbs.map((verb) => verb.name)).toContain(name);
  const options = new Set(verbs.flatMap((verb) => Object.keys(verb.options)));
  const named = [...page.text.matchAll(/`--([a-z-]+)`/g)].map(([, name = ""]) => name);
  expect(named.filter((name) => !options.has(name))).toEqual([]);
});
