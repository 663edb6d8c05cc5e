// What builds a plugin of the templates, on each system.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildCommand, typedBuild, typedFile } from "../../../src/cli/authoring/build-command.ts";
import { languages } from "../../../src/cli/authoring/verbs.ts";
import { projectRoot } from "../../support/paths.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "dlrpc-build-command-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const onWindows = ["cmd.exe", "/d", "/c", "build.cmd"];

test.each([
  [[], undefined, undefined],
  [["Makefile"], ["make"], ["make"]],
  [["GNUmakefile"], ["make"], ["make"]],
  [["build.cmd"], undefined, onWindows],
  [["build.cmd", "Makefile"], ["make"], onWindows],
])("a directory with %j is built by %j, on Windows by %j", (files, posix, windows) => {
  for (const file of files) writeFileSync(join(directory, file), "");
  expect([buildCommand(directory, "linux"), buildCommand(directory, "macos")]).toEqual([posix, posix]);
  expect(buildCommand(directory, "windows")).toEqual(windows);
});

test("what is typed works in cmd.exe and in PowerShell alike", () => {
  expect([typedBuild("windows"), typedFile("input.json", "windows")]).toEqual([".\\build", '"@input.json"']);
  expect([typedBuild("macos"), typedFile("input.json", "macos")]).toEqual(["make", "@input.json"]);
});

describe.each(languages)("build.cmd for %s", (language) => {
  const template = join(projectRoot, "templates", language);
  const script = readFileSync(join(template, "build.cmd"), "utf8");

  test("has neither a label nor a call: cmd.exe finds no label in a file with the line ends of other systems", () => {
    expect(script).not.toMatch(/^\s*:|\b(goto|call)\b/im);
    expect(script).not.toContain("\r");
  });

  test("builds what there is, and leaves nothing behind that .gitignore does not name", () => {
    expect(script.replaceAll("-of=", "")).toMatch(/\bmy-plugin\.dll\b/);
    for (const [source = ""] of script.matchAll(/\bplugin\.(c|cpp|d)\b/g))
      expect(readdirSync(template)).toContain(source);
    const ignored = readFileSync(join(template, ".gitignore"), "utf8").split("\n");
    expect(ignored).toEqual(expect.arrayContaining(["*.dll", "*.pdb", "/dist/"]));
    for (const [, made = ""] of script.matchAll(/\b(build|target)\\/g)) expect(ignored).toContain(`/${made}/`);
  });
});
