// The workers that dlrpc is shipped with run on old systems, and have no names that would win over a plugin's own.

import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { lacks, type ToolName } from "../../fixtures/tools.ts";
import { buildWorker } from "../../packaging/worker.ts";

const NEWEST_GLIBC = "2.28";

const read = (option: string, program: string) =>
  execFileSync("readelf", ["--wide", option, program], { encoding: "utf8" });

interface Name {
  readonly name: string;
  /** Of which version of its library, where that has versions. */
  readonly version: string | undefined;
  /** Whether the program has it for others, and not from others. */
  readonly isDefined: boolean;
}

/** What of a program the loader knows by name. */
function namesOf(program: string): Name[] {
  const row = /^ *\d+: [0-9a-f]+ +\S+ +\w+ +(?:GLOBAL|WEAK) +\w+ +(\w+) (\w+)(?:@+(\S+))?/gm;
  return [...read("--dyn-syms", program).matchAll(row)].map(([, section, name = "", version]) => ({
    name,
    version,
    isDefined: section !== "UND",
  }));
}

/** All that the program asks libraries for, in the words of the section that the loader reads. */
const versionsOf = (program: string) =>
  [...read("--version-info", program).matchAll(/Name: (\S+) +Flags/g)].map(([, name = ""]) => name);

/** As `sort -V` has it. */
const isNewer = (version: string, than: string) => {
  const [[major = 0, minor = 0] = [], [thanMajor = 0, thanMinor = 0] = []] = [version, than].map((text) =>
    text.split(".").map(Number),
  );
  return major > thanMajor || (major === thanMajor && minor > thanMinor);
};

/** Data of the C library's that the linker copies into a program which uses them, and what all programs of musl's have. */
const linkersOwn = ["stdout", "stderr", "_init", "_fini"];

const shipped: { target: string; needs?: ToolName; libraries: string[] }[] = [
  { target: "linux-x64", libraries: ["libc.so.6", "libdl.so.2", "libpthread.so.0"] },
  {
    target: "linux-arm64",
    needs: "aarch64-linux-gnu-gcc",
    libraries: ["ld-linux-aarch64.so.1", "libc.so.6", "libdl.so.2", "libpthread.so.0"],
  },
  { target: "linux-x64-musl", needs: "musl-gcc", libraries: ["libc.so"] },
];

describe.each(shipped.filter(({ needs }) => needs === undefined || !lacks(needs)))(
  "$target",
  ({ target, libraries }) => {
    const program = buildWorker(target);

    test(`asks glibc for nothing that came after ${NEWEST_GLIBC}`, () => {
      const names = namesOf(program);
      expect(names.map(({ name }) => name)).toContain("dlopen"); // it was understood
      const asked = [...versionsOf(program), ...names.flatMap(({ version }) => version ?? [])];
      const glibc = asked.map((version) => /^GLIBC_([0-9.]+)$/.exec(version)?.[1] ?? `not known: ${version}`);
      expect(glibc.length > 0).toBe(!target.endsWith("-musl"));
      expect(glibc.filter((version) => !/^2\./.test(version) || isNewer(version, NEWEST_GLIBC))).toEqual([]);
    });

    test("has no names for others but what the linker gives every program", () => {
      const defined = namesOf(program).filter(({ isDefined }) => isDefined);
      expect(defined.map(({ name }) => name).filter((name) => !linkersOwn.includes(name))).toEqual([]);
    });

    test("needs no library but the C library's", () => {
      const needed = [...read("--dynamic", program).matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, name = ""]) => name);
      expect(needed.filter((name) => !libraries.includes(name))).toEqual([]);
    });

    test("has memory that can be written or run, never both", () => {
      const segments = [...read("--program-headers", program).matchAll(/^ +(LOAD|GNU_STACK) .* ([R ][W ][E ]) 0x/gm)];
      expect(segments.length).toBeGreaterThan(2);
      expect(segments.filter(([, , flags = ""]) => flags.includes("W") && flags.includes("E"))).toEqual([]);
    });
  },
);

test("a version is newer by its numbers, not by its letters", () => {
  expect(["2.2.5", "2.4", "2.28", "2.29", "2.100", "3.0"].map((version) => isNewer(version, NEWEST_GLIBC))).toEqual([
    ...[false, false, false],
    ...[true, true, true],
  ]);
});
