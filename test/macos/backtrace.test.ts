// Where a plugin crashed on macOS: its functions are found in its library, by the processor that it runs on, and their callers
// by frame pointers. There is no Mac here: libraries are made, and so is what a crash leaves.

import { execFileSync } from "node:child_process";
import { closeSync, copyFileSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lacks } from "../../fixtures/tools.ts";
import { MachOOnDisk } from "../../src/plugins/formats/macho/macho-on-disk.ts";
import { backtraceOf } from "../../src/workers/crash/backtrace.ts";
import type { CrashRecord } from "../../src/workers/crash/crash-record.ts";
import type { LibraryCopy } from "../../src/workers/library-copy.ts";
import { Workshop } from "../support/own-worker.ts";
import { compiling, lacksHeaders, linking, type MacosArch, macosCompiler } from "./headers.ts";

const source = `
static __attribute__((noinline)) int fall(volatile int *at) { return *at; }
int vtcode_plugin_execute(int *at) { return fall(at) + 1; }
int another(int *at) { return fall(at) + 2; }
`;

describe.skipIf(lacks("clang") || lacks("ld64.lld") || lacks("llvm-objdump") || lacksHeaders())(
  "functions in a library",
  () => {
    const workshop = new Workshop();
    const libraryFor = (arch: MacosArch) => join(workshop.path, `${arch}.dylib`);
    const universal = join(workshop.path, "universal.dylib");
    afterAll(() => workshop[Symbol.dispose]());
    beforeAll(() => {
      const file = join(workshop.path, "fall.c");
      writeFileSync(file, source);
      for (const arch of ["arm64", "x64"] as const) {
        const [command = "", ...target] = macosCompiler(arch).split(" ");
        const options = [...target, "-O1", "-dynamiclib", ...compiling(arch), ...linking()];
        execFileSync(command, [...options, file, "-o", libraryFor(arch)], { stdio: "pipe" });
      }
      writeFileSync(universal, together([0x01000007, libraryFor("x64")], [0x0100000c, libraryFor("arm64")]));
    }, 120_000);

    /** By name, where each begins, as another program says it. */
    function starts(arch: MacosArch): Map<string, number> {
      const said = execFileSync("llvm-nm", [libraryFor(arch)], { encoding: "utf8" });
      const lines = [...said.matchAll(/^([0-9a-f]+) [tT] _(\S+)$/gm)];
      return new Map(lines.map(([, address = "", name = ""]) => [name, Number.parseInt(address, 16)]));
    }

    test.each([
      ["arm64", "thin"],
      ["x64", "thin"],
      ["arm64", "universal"],
      ["x64", "universal"],
    ] as const)("%s, %s", (arch, kind) => {
      using library = new MachOOnDisk(openSync(kind === "thin" ? libraryFor(arch) : universal, "r"), arch);
      const known = starts(arch);
      expect([...known.keys()].sort()).toEqual(["another", "fall", "vtcode_plugin_execute"]);
      const inside = new Map([...known].map(([name, start]) => [start + 4, { name, start }]));
      expect(library.functionsAt(inside.keys())).toEqual(inside);
      const first = Math.min(...known.values());
      expect(library.functionsAt([0, first - 1, 2 ** 40])).toEqual(new Map());
      expect(library.addressOf(first)).toBe(first);
      expect(library.addressOf(2 ** 40)).toBeUndefined();
    });

    test("a crash in it is told with the functions that were called", () => {
      const path = libraryFor("x64");
      const { fall = 0, vtcode_plugin_execute: execute = 0 } = Object.fromEntries(starts("x64"));
      const mapping = { start: 0x10_0000_0000n, end: 0x10_0001_0000n, offset: 0, path };
      const worker = { start: 0x20_0000_0000n, end: 0x20_0001_0000n, offset: 0, path: process.execPath };
      const stackStart = 0x30_0000_0000n;
      const stack = Buffer.alloc(64);
      // Two frames: where the caller's is, and where the call returns to.
      stack.writeBigUInt64LE(stackStart + 32n, 16);
      stack.writeBigUInt64LE(mapping.start + BigInt(execute + 6), 24);
      stack.writeBigUInt64LE(0n, 32);
      stack.writeBigUInt64LE(worker.start, 40);
      const registers = Array.from({ length: 32 }, () => 0n)
        .with(6, stackStart + 16n)
        .with(7, stackStart);
      const record: CrashRecord = {
        ...{ address: 0n, programCounter: mapping.start + BigInt(fall + 4) },
        ...{ registers, stackStart, stack, mappings: [mapping, worker], hasCallers: true },
      };
      const copy = { originals: new Map([[path, "/plugins/fall/libfall.dylib"]]) } as unknown as LibraryCopy;
      const program = openSync(process.execPath, "r");
      const library = "/plugins/fall/libfall.dylib";
      expect(backtraceOf(record, copy, program).backtrace).toEqual([
        { library, offset: fall + 4, function: "fall", functionOffset: 4 },
        { library, offset: execute + 6, function: "vtcode_plugin_execute", functionOffset: 6 },
      ]);
      closeSync(program);
    });

    test("a function whose name was taken out is not called by that of the one before it", () => {
      const stripped = join(workshop.path, "stripped.dylib");
      copyFileSync(libraryFor("x64"), stripped);
      execFileSync("llvm-strip", ["-x", stripped]);
      using library = new MachOOnDisk(openSync(stripped, "r"), "x64");
      const { fall = 0, another = 0 } = Object.fromEntries(starts("x64"));
      expect([...library.functionsAt([fall, another]).values()].map(({ name }) => name)).toEqual(["another"]);
    });

    test("what is no such file, or a part of one, is refused", () => {
      mkdirSync(join(workshop.path, "bad"));
      const whole = readFileSync(libraryFor("x64"));
      const bad = {
        empty: Buffer.alloc(0),
        text: Buffer.from("no library at all, but a text of some length that goes on"),
        header: whole.subarray(0, 40),
        "no size": Buffer.concat([whole.subarray(0, 36), Buffer.alloc(4), whole.subarray(40)]),
        "too many commands": Buffer.concat([whole.subarray(0, 16), Buffer.alloc(4, 0xff), whole.subarray(20)]),
      };
      for (const [name, bytes] of Object.entries(bad)) {
        const path = join(workshop.path, "bad", name);
        writeFileSync(path, bytes);
        const descriptor = openSync(path, "r");
        expect(() => new MachOOnDisk(descriptor, "x64"), name).toThrow(/Mach-O/);
        closeSync(descriptor);
      }
      const descriptor = openSync(universal, "r");
      expect(() => new MachOOnDisk(descriptor, "ia32")).toThrow("without an image for this processor");
      closeSync(descriptor);
    });
  },
);

/** A universal file (mach-o/fat.h). */
function together(...images: [machine: number, path: string][]): Buffer {
  const PAGE = 1 << 14;
  const header = Buffer.alloc(PAGE);
  header.writeUInt32BE(0xcafebabe, 0);
  header.writeUInt32BE(images.length, 4);
  const parts = [header];
  let at = PAGE;
  for (const [i, [machine, path]] of images.entries()) {
    const bytes = readFileSync(path);
    const padded = Buffer.alloc(Math.ceil(bytes.length / PAGE) * PAGE);
    bytes.copy(padded);
    header.writeUInt32BE(machine, 8 + i * 20);
    header.writeUInt32BE(at, 8 + i * 20 + 8);
    header.writeUInt32BE(bytes.length, 8 + i * 20 + 12);
    at += padded.length;
    parts.push(padded);
  }
  return Buffer.concat(parts);
}
