// S4: the numbers that the filter goes by are those of this system's headers, as far as these know the calls; and these
// know none that nobody has judged.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type FilterOptions, systemCallFilter } from "../../../src/sandbox/linux/rules/filter.ts";
import { architectures, COMMON_CALLS, LAST_JUDGED_KERNEL } from "../../../src/sandbox/linux/rules/system-calls.ts";
import { projectRoot } from "../../support/paths.ts";

/** The numbers of a header, by name. */
function numbersIn(header: string): Map<string, number> {
  const input = `#include <${header}>\n`;
  const defined = execFileSync("cc", ["-E", "-dM", "-"], { input, encoding: "utf8" });
  const numbers = [...defined.matchAll(/^#define __NR(?:3264)?_(\w+) (\d+)$/gm)];
  return new Map(numbers.map(([, name = "", at]) => [name, Number(at)]));
}

test("S4: every system call has its number", () => {
  const known = numbersIn("sys/syscall.h");
  const own = Object.entries(architectures[process.arch]?.numbers ?? {}).filter(([name]) => known.has(name));
  expect(own.length).toBeGreaterThan(90);
  expect(own).toEqual(own.map(([name]) => [name, known.get(name)]));
});

/** Those of a header that no kernel had whose calls were judged. */
function unjudged(header: ReadonlyMap<string, number>, arch: string): string[] {
  const { endOfOwn = 0 } = architectures[arch] ?? {};
  const isJudged = (at: number) => at < endOfOwn || (at >= COMMON_CALLS.first && at < COMMON_CALLS.end);
  return [...header].filter(([, at]) => !isJudged(at)).map(([name]) => name);
}

describe(`S4: all system calls up to Linux ${LAST_JUDGED_KERNEL} have been judged`, () => {
  // What follows the last number in asm-generic/unistd.h is called __NR_syscalls.
  const generic = () => new Map([...numbersIn("asm-generic/unistd.h")].filter(([name]) => name !== "syscalls"));

  test.runIf(process.arch === "x64")("asm/unistd_64.h has no other: judge them, and say for which kernel", () => {
    expect(numbersIn("asm/unistd_64.h").size).toBeGreaterThan(330);
    expect(unjudged(numbersIn("asm/unistd_64.h"), "x64")).toEqual([]);
  });

  test("asm-generic/unistd.h, which is arm64's, has no other", () => {
    expect(generic().size).toBeGreaterThan(280);
    expect(unjudged(generic(), "arm64")).toEqual([]);
  });

  test("one that a header would have beside them is found", () => {
    const added = { last: COMMON_CALLS.end - 1, newer: COMMON_CALLS.end, between: COMMON_CALLS.first - 1 };
    for (const arch of Object.keys(architectures))
      expect(unjudged(new Map(Object.entries(added)), arch)).toEqual(["newer", "between"]);
  });

  test.each(["docs/confinement.md", "protocol/SPEC.md", "docs/sandbox.md"])("%s names that kernel", (file) => {
    const text = readFileSync(join(projectRoot, file), "utf8").replaceAll(/\s+/g, " ");
    expect(text).toMatch(new RegExp(`(newer than|after) Linux ${LAST_JUDGED_KERNEL}\\b`));
  });

  test("numbers that nobody has judged do not exist, whatever is granted", () => {
    const { endOfOwn = 0 } = architectures[process.arch] ?? {};
    const options = { network: true, exec: true, gpu: true, readsEverything: true, pid: 1 };
    const there = { signalsAreScoped: true, truncationIsRuled: true, isSupervised: true };
    const filter = systemCallFilter({ ...options, ...there } satisfies FilterOptions);
    const unknown = [endOfOwn, COMMON_CALLS.first - 1, COMMON_CALLS.end, 1000, 2 ** 30];
    expect(unknown.map((at) => verdict(filter, at))).toEqual(unknown.map(() => ENOSYS));
    const others = [0, endOfOwn - 1, COMMON_CALLS.first + 10, COMMON_CALLS.end - 2];
    expect(others.map((at) => verdict(filter, at))).not.toContain(ENOSYS);
  });
});

const ENOSYS = 0x00050000 | 38;

/** What a filter says of a call without arguments, as the kernel runs it. */
function verdict(filter: Buffer, number: number): number {
  const { audit = 0 } = architectures[process.arch] ?? {};
  let loaded = 0;
  for (let at = 0; at < filter.length; at += 8) {
    const [code, skipIf, skipElse] = [filter.readUInt16LE(at), filter.readUInt8(at + 2), filter.readUInt8(at + 3)];
    const value = filter.readUInt32LE(at + 4);
    const skip = (holds: boolean) => 8 * (holds ? skipIf : skipElse);
    if (code === 0x06) return value;
    if (code === 0x20) loaded = value === 0 ? number : value === 4 ? audit : 0;
    else if (code === 0x54) loaded = (loaded & value) >>> 0;
    else if (code === 0x15) at += skip(loaded === value);
    else if (code === 0x35) at += skip(loaded >= value);
    else if (code === 0x45) at += skip((loaded & value) !== 0);
    else throw new Error(`an instruction with the code ${code}`);
  }
  throw new Error("the filter ends without a verdict");
}
