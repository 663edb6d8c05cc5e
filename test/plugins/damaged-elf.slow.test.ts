// E21: whatever a library holds, what a backtrace reads of it is found, or is not: nothing else comes of it.

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileLibrary } from "../../fixtures/compile.ts";
import { callFrameAt } from "../../src/plugins/formats/dwarf/call-frames.ts";
import { sourceLinesAt } from "../../src/plugins/formats/dwarf/source-lines.ts";
import { ElfOnDisk } from "../../src/plugins/formats/elf/elf-on-disk.ts";
import { InspectionError } from "../../src/plugins/formats/reader.ts";
import { projectRoot } from "../support/paths.ts";

const directory = mkdtempSync(join(tmpdir(), "dlrpc-damaged-"));
afterAll(() => rmSync(directory, { recursive: true }));
const library = join(directory, "libcrashing.so");

beforeAll(async () => {
  const sources = [join(projectRoot, "fixtures", "crashing", "crashing.c")];
  await compileLibrary({ language: "c", sources, output: library, flags: ["-g"] });
});

/** @returns how many questions had an answer */
function look(path: string, addresses: readonly number[]): number {
  let answers = 0;
  const ask = (question: (elf: ElfOnDisk) => unknown) => {
    const file = openSync(path, "r");
    try {
      if (question(new ElfOnDisk(file)) !== undefined) answers++;
    } catch (error) {
      if (!(error instanceof InspectionError)) throw error;
    } finally {
      closeSync(file);
    }
  };
  for (const address of addresses) ask((elf) => callFrameAt(elf, address));
  ask((elf) => elf.functionsAt(addresses).get(addresses[0] as number));
  ask((elf) => sourceLinesAt(elf, addresses).get(addresses[0] as number));
  return answers;
}

test("damaged anywhere, and cut off anywhere", () => {
  const whole = readFileSync(library);
  const text = execute(whole);
  const addresses = [text, text + 5, text + 40];
  expect(look(library, addresses)).toBe(5);
  const damaged = join(directory, "damaged.so");
  let seed = 17;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  for (let round = 0; round < 400; round++) {
    const bytes = Buffer.from(whole);
    for (let i = 0; i < 1 + 40 * (round % 40); i++)
      bytes[random(bytes.length)] = [0, 0x7f, 0x80, 0xff, random(256)][i % 5] as number;
    if (round % 4 === 0) for (let i = 0; i < 8; i++) bytes[random(64)] = random(256); // the header
    writeFileSync(damaged, round % 10 === 0 ? bytes.subarray(0, random(bytes.length)) : bytes);
    look(damaged, addresses);
  }
});

/** Where vtcode_plugin_execute begins: the value of its symbol. */
function execute(bytes: Buffer): number {
  using elf = new ElfOnDisk(openSync(library, "r"));
  for (let address = 0; address < bytes.length; address++) {
    if (elf.functionsAt([address]).get(address)?.name === "vtcode_plugin_execute") return address;
  }
  throw new Error("there is no vtcode_plugin_execute");
}
