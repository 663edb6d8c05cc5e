// The compiled forms of the scripts: used where it fits, and of no consequence where it does not.

import { spawnSync } from "node:child_process";
import { appendFileSync, copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { compiledForm } from "../../packaging/compiled.ts";
import { scriptOf } from "../../src/entry/compiled-script.ts";
import { program } from "../support/paths.ts";
import { ProgramCopy } from "../support/program-copy.ts";

const built = (name: string) => join(dirname(program), name);
const text = readFileSync(built("serve.cjs"));
const compiled = readFileSync(built("serve.compiled"));
const refused = (of: Buffer, by: Buffer) =>
  scriptOf({ filename: "serve.cjs", text: of, compiled: by }).cachedDataRejected;

test.each(["serve", "verbs"])("this Node takes what was built with it, which is the same each time (%s)", (name) => {
  const text = readFileSync(built(`${name}.cjs`));
  const compiled = readFileSync(built(`${name}.compiled`));
  expect(refused(text, compiled)).toBe(false);
  expect(compiledForm(process.execPath, text.toString()).equals(compiled)).toBe(true);
});

test("another text, if only a letter is, is compiled itself: nothing of the compiled form is looked at", () => {
  const other = Buffer.from(text);
  other[text.indexOf("SHUTTING_DOWN")] = 0x58;
  for (const changed of [other, text.subarray(0, -1), Buffer.concat([text, Buffer.from("\n")])]) {
    const script = scriptOf({ filename: "serve.cjs", text: changed, compiled });
    expect(script.cachedDataRejected ?? true).toBe(true);
  }
  const mine = Buffer.from("module.exports = 1;");
  const theirs = compiledForm(process.execPath, "module.exports = 2;");
  const module = { exports: 0 };
  scriptOf({ filename: "", text: mine, compiled: theirs }).runInThisContext()(undefined, module, "");
  expect(module.exports).toBe(1);
});

const damaged: [string, (copy: ProgramCopy) => void][] = [
  ["is not there", () => {}],
  ["is there", (copy) => copyFileSync(built("serve.compiled"), join(copy.directory, "serve.compiled"))],
  ["is empty", (copy) => writeFileSync(join(copy.directory, "serve.compiled"), "")],
  ["is cut", (copy) => writeFileSync(join(copy.directory, "serve.compiled"), compiled.subarray(0, text.length + 1000))],
  [
    "is another V8's",
    (copy) => {
      const other = Buffer.from(compiled);
      other.fill(0x55, text.length + 4, text.length + 8);
      writeFileSync(join(copy.directory, "serve.compiled"), other);
    },
  ],
  [
    "is an older script's",
    (copy) => {
      copyFileSync(built("serve.compiled"), join(copy.directory, "serve.compiled"));
      appendFileSync(join(copy.directory, "serve.cjs"), "\n");
    },
  ],
];
test.each(damaged)("dlrpc starts where it %s", (_, damage) => {
  using copy = new ProgramCopy();
  damage(copy);
  const [file = "", ...args] = copy.command;
  const input = '{"jsonrpc":"2.0","id":1,"method":"ping"}\n';
  const { status, stdout, stderr } = spawnSync(file, [...args, "serve"], { input, encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toContain('"id":1');
});
