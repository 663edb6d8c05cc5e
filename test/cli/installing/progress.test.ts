// What takes its time shows a person how far it is, and leaves nothing of that behind; a pipe gets none of it.

import { join } from "node:path";
import { expect, test } from "vitest";
import { lacks } from "../../../fixtures/tools.ts";
import { ownProgram } from "../../support/paths.ts";
import { run } from "../../support/run.ts";
import { onTerminal } from "../../support/terminal.ts";
import { StandIns } from "../packing/package.ts";
import { zip } from "./archives.ts";
import { goodFiles, OperatorHome } from "./home.ts";

const ERASE_LINE = "\r\u001b[K";
/** What a terminal shows in the end of the lines that were drawn over. */
const left = (shown: string) => shown.split("\n").map((line) => line.split(ERASE_LINE).at(-1)?.trimEnd());

test.skipIf(lacks("script"))("dlrpc install", async () => {
  using home = new OperatorHome();
  const archive = home.file(
    "made.zip",
    zip([...goodFiles(), { name: "data", content: "x".repeat(1_000_000), method: 0 }]),
  );
  const shown = onTerminal([...ownProgram, "install", archive], { HOME: home.path });
  expect(shown).toMatch(/\[=+ *\] +\d+ % {2}unpacking/);
  expect(left(shown)).toEqual([`made 1.0.0 is installed in ${home.plugins}/made`, ""]);
  expect((await home.run("install", "made.zip", "--force")).stderr).toBe("");
});

test.skipIf(lacks("script"))("dlrpc pack", async () => {
  using home = new OperatorHome();
  const { own } = new StandIns(home.path);
  const here = `${process.platform}-${process.arch}`;
  const args = ["pack", home.add("made", { manifest: { author: "Ada" } }), "--program", `${here}=${own}`, "--mcpb"];
  const shown = onTerminal([...ownProgram, ...args, join(home.path, "1.mcpb")]);
  expect(shown).toMatch(/\[=+ *\] +\d+ % {2}\d\/\d {2}plugins\/made\//);
  expect(left(shown)).toEqual([`${join(home.path, "1.mcpb")}: made 1.0.0, for ${here}`, ""]);
  expect((await run([...args, join(home.path, "2.mcpb")])).stderr).toBe("");
});
