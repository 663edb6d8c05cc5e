// What src/plugins/formats/ says about real libraries of seven machines, about damaged ones, and about hostile ones.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chooseImage, InspectionError, inspectLibrary, type LibraryImage } from "../../src/plugins/formats/index.ts";

const FOREIGN = join(import.meta.dirname, "../../fixtures/foreign");
const read = (name: string) => readFileSync(join(FOREIGN, name));
/** What plugin.c exports; hidden_result and static_result it keeps to itself, host_level it imports. */
const EXPORTS = new Set([
  "vtcode_plugin_version",
  "vtcode_plugin_metadata",
  "vtcode_plugin_execute",
  "vtcode_plugin_free_string",
  "protected_answer",
  "plugin_limit",
]);
const COMMON = { kind: "library", exports: EXPORTS, wants: [], ownName: undefined, searched: [], strays: [] };
const LINUX = { ...COMMON, format: "ELF", platform: "linux", needs: ["libhost.so"] };
const APPLE = {
  ...COMMON,
  format: "Mach-O",
  platform: "darwin",
  needs: [],
  besides: [],
  ownName: "@rpath/libplugin.dylib",
};
const WINDOWS = { ...COMMON, format: "PE", platform: "win32", needs: ["host.dll"], besides: [""] };
const LIBRARIES: Readonly<Record<string, readonly object[]>> = {
  "plugin-x86_64.so": [{ ...LINUX, arch: "x64", archName: "x86_64", besides: ["/lib"] }],
  "plugin-aarch64.so": [{ ...LINUX, arch: "arm64", archName: "aarch64", besides: [] }],
  "plugin-i386.so": [{ ...LINUX, arch: "ia32", archName: "i386", besides: [""] }],
  "plugin-s390x.so": [{ ...LINUX, arch: "s390x", archName: "s390x", besides: [] }],
  "plugin-x86_64.dll": [{ ...WINDOWS, arch: "x64", archName: "x86_64" }],
  "plugin-needing.dll": [
    {
      ...WINDOWS,
      exports: new Set(["ask"]),
      needs: ["now.dll"],
      wants: ["later.dll"],
      arch: "x64",
      archName: "x86_64",
    },
  ],
  "plugin-needing.dylib": [
    {
      ...APPLE,
      arch: "x64",
      archName: "x86_64",
      needs: ["@rpath/libhost.dylib", "/usr/lib/libhost.dylib", "@executable_path/libhost.dylib", "libhost.dylib"],
      wants: ["@loader_path/near/libhost.dylib"],
      ownName: "@rpath/libneeding.dylib",
      besides: ["/lib", ""],
      searched: ["/opt/lib"],
      strays: ["@executable_path/lib", "lib"],
    },
  ],
  "plugin-arm64.dylib": [{ ...APPLE, arch: "arm64", archName: "arm64" }],
  "plugin-universal.dylib": [
    { ...APPLE, arch: "x64", archName: "x86_64" },
    { ...APPLE, arch: "arm64", archName: "arm64" },
  ],
};

const MOST_PROCESSOR_MS = 2000;

/** The images or the message. Any other exception, and anything that takes the processor for long, fails the test. */
function outcome(bytes: Uint8Array): LibraryImage[] | string {
  const before = process.cpuUsage(); // whatever else the machine does
  try {
    return inspectLibrary(bytes);
  } catch (error) {
    if (error instanceof InspectionError) {
      return error.message;
    }
    throw error;
  } finally {
    const { user, system } = process.cpuUsage(before);
    const milliseconds = (user + system) / 1000;
    if (milliseconds > MOST_PROCESSOR_MS) {
      expect.fail(`took ${milliseconds} ms for ${bytes.length} bytes`);
    }
  }
}

/** A copy of a fixture with little-endian values written over it, each as wide as it says. */
function patched(
  name: string,
  ...patches: readonly (readonly [offset: number, bits: 8 | 16 | 32 | 64, value: number | bigint])[]
) {
  const bytes = Buffer.from(read(name));
  for (const [offset, bits, value] of patches) {
    const wide = Buffer.alloc(8);
    wide.writeBigUInt64LE(BigInt(value));
    wide.copy(bytes, offset, 0, bits / 8);
  }
  return bytes;
}

describe("D1 a library is described from its bytes", () => {
  test.each(Object.entries(LIBRARIES))("%s", (name, images) => {
    expect(inspectLibrary(read(name))).toEqual(images);
  });

  test("at any place in a larger buffer", () => {
    const bytes = read("plugin-s390x.so");
    const larger = new Uint8Array(bytes.length + 20);
    larger.set(bytes, 7);
    expect(inspectLibrary(larger.subarray(7, 7 + bytes.length))).toEqual(LIBRARIES["plugin-s390x.so"]);
  });

  test("Mach-O without a trie: by its symbol table, hidden and static functions left out", () => {
    const bytes = read("plugin-arm64.dylib");
    const command = bytes.indexOf("33000080", 0, "hex");
    expect(bytes.includes("_hidden_result\0") && bytes.includes("_static_result\0")).toBe(true);
    expect(inspectLibrary(patched("plugin-arm64.dylib", [command, 32, 0x7f]))).toEqual(LIBRARIES["plugin-arm64.dylib"]);
  });

  test("what is like a known machine or system, and is another, has another name", () => {
    const buildVersion = read("plugin-arm64.dylib").indexOf("3200000020000000", 0, "hex");
    const one = (bytes: Uint8Array) => inspectLibrary(bytes)[0];
    expect(one(patched("plugin-arm64.dylib", [8, 8, 2]))).toMatchObject({ arch: "arm64e", platform: "darwin" });
    expect(one(patched("plugin-arm64.dylib", [buildVersion + 8, 32, 2]))).toMatchObject({ platform: "ios" });
    expect(one(patched("plugin-x86_64.so", [7, 8, 9]))).toMatchObject({ platform: "freebsd", arch: "x64" });
    expect(one(patched("plugin-x86_64.so", [7, 8, 200]))).toMatchObject({ platform: "unknown" });
    expect(one(patched("plugin-i386.so", [18, 16, 62]))).toMatchObject({ arch: "x32" });
    expect(one(patched("plugin-x86_64.so", [18, 16, 999]))).toMatchObject({ arch: "unknown", archName: /999/ });
    expect(one(patched("plugin-x86_64.dll", [0x7c, 16, 0xaa64]))).toMatchObject({ arch: "arm64" });
  });
});

describe("the image for this machine", () => {
  test.each([
    ["plugin-x86_64.so", "linux", "x64", "x64"],
    ["plugin-x86_64.dll", "win32", "x64", "x64"],
    ["plugin-universal.dylib", "darwin", "arm64", "arm64"],
    ["plugin-universal.dylib", "darwin", "x64", "x64"],
  ])("%s on %s %s is found", (name, platform, arch, chosen) => {
    expect(chooseImage(inspectLibrary(read(name)), platform, arch)).toEqual({
      image: LIBRARIES[name]?.find((image) => "arch" in image && image.arch === chosen),
    });
  });

  test.each([
    ["plugin-aarch64.so", "linux", "x64", "aarch64 library, x86_64 needed"],
    ["plugin-x86_64.so", "linux", "arm64", "x86_64 library, aarch64 needed"],
    ["plugin-s390x.so", "linux", "ia32", "s390x library, i386 needed"],
    ["plugin-x86_64.dll", "linux", "x64", "Windows (PE) library, Linux needed"],
    ["plugin-x86_64.dll", "win32", "arm64", "x86_64 library, arm64 needed"],
    ["plugin-universal.dylib", "darwin", "ppc64", "x86_64 and arm64 library, ppc64 needed"],
    ["plugin-universal.dylib", "win32", "x64", "macOS (Mach-O) library, Windows needed"],
    ["plugin-x86_64.so", "plan9", "x64", "Linux (ELF) library, plan9 needed"],
  ])("%s on %s %s is refused", (name, platform, arch, mismatch) => {
    expect(chooseImage(inspectLibrary(read(name)), platform, arch)).toMatchObject({ mismatch });
  });
});

describe(".NET assemblies", () => {
  /** With a CLR header (ECMA-335, II.25.3.3) where the names of the exports are: none of it is read then. */
  function withClrHeader(flags: number, ...patches: Parameters<typeof patched>[1][]): Buffer {
    const name = "plugin-x86_64.dll";
    const header = read(name).readUInt32LE(0x3c);
    const exports = read(name).readUInt32LE(header + 24 + 112);
    const directory = header + 24 + 112 + 14 * 8;
    const section = read(name).indexOf(".rdata", 0, "latin1");
    const start = exports - read(name).readUInt32LE(section + 12) + read(name).readUInt32LE(section + 20);
    return patched(name, [directory, 32, exports], [start + 16, 32, flags], ...patches);
  }

  test.each([
    ["for x64", []],
    ["for any processor, which say i386", [[0x7c, 16, 332] as const]],
  ])("%s are told as such", (_, patches) => {
    const images = inspectLibrary(withClrHeader(1, ...patches));
    expect(images).toMatchObject([{ kind: "assembly", exports: new Set() }]);
    const reason = "not-a-library";
    expect(chooseImage(images, "win32", "x64")).toEqual({ mismatch: ".NET assembly, shared library needed", reason });
    expect(chooseImage(images, "linux", "x64")).toMatchObject({ mismatch: "Windows (PE) .NET assembly, Linux needed" });
  });

  test("but not what has functions of C besides (C++/CLI)", () => {
    expect(inspectLibrary(withClrHeader(0))).toMatchObject([{ kind: "library" }]);
  });

  test("whose header is nowhere are damaged", () => {
    const directory = read("plugin-x86_64.dll").readUInt32LE(0x3c) + 24 + 112 + 14 * 8;
    expect(outcome(patched("plugin-x86_64.dll", [directory, 32, 0x7fff0000]))).toMatch(/the CLR header is at address/);
  });
});

describe.runIf(process.platform === "linux")("what the compiler of this machine makes", () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "dlrpc-inspect-"));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  function compile(...flags: string[]): Buffer {
    const output = join(directory, "out");
    execFileSync("cc", ["-nostdlib", "-ffreestanding", "-o", output, ...flags]);
    return readFileSync(output);
  }

  test.each(["sysv", "gnu", "both"])(
    "a library with hash tables of style %s, with and without section headers",
    (style) => {
      const bytes = compile("-shared", "-fPIC", `-Wl,--hash-style=${style}`, join(FOREIGN, "plugin.c"));
      const images = [{ ...LINUX, needs: [], besides: [], arch: process.arch }];
      expect(inspectLibrary(bytes)).toMatchObject(images);
      expect(inspectLibrary(bytes)[0]?.exports).toEqual(EXPORTS);
      expect(chooseImage(inspectLibrary(bytes))).toHaveProperty("image");
      const wide = bytes[4] === 2;
      bytes.fill(0, wide ? 40 : 32, wide ? 48 : 36);
      bytes.fill(0, wide ? 58 : 46, wide ? 64 : 52);
      expect(inspectLibrary(bytes)[0]?.exports).toEqual(EXPORTS);
    },
  );

  test("$LIB and $PLATFORM are whatever a system may mean by them, names that begin so are not", () => {
    const searched = (path: string) => {
      const bytes = compile("-shared", "-fPIC", `-Wl,-rpath,${path}`, join(FOREIGN, "plugin.c"));
      return inspectLibrary(bytes)[0]?.besides;
    };
    const platforms = process.arch === "x64" ? ["haswell", "xeon_phi", "x86_64"] : ["aarch64"];
    const braced = ["$ORIGIN/$", "{PLATFORM}"].join("");
    expect(searched(`${braced}/a:$ORIGIN/b`)).toEqual([...platforms.map((name) => `/${name}/a`), "/b"]);
    expect(searched("$ORIGIN/$LIB")).toEqual(expect.arrayContaining(["/lib64", "/lib"]));
    expect(searched("$ORIGIN/$LIBRARY:$ORIGINAL/x:/$ORIGIN/y")).toEqual(["/$LIBRARY"]);
  });

  test("what it needs, what it wants, what it is called, and where else it looks", () => {
    const flags = ["-soname,own", "--auxiliary=wanted", "--filter=filtered", "-rpath,a:$ORIGIN::/b/$LIB:$LIB"];
    const [image] = inspectLibrary(
      compile("-shared", "-fPIC", ...flags.map((f) => `-Wl,${f}`), join(FOREIGN, "plugin.c")),
    );
    expect(image).toMatchObject({ ownName: "own", wants: ["wanted"], needs: expect.arrayContaining(["filtered"]) });
    expect(image).toMatchObject({ besides: [""], searched: ["/b/$LIB"], strays: ["a", "", "$LIB"] });
    const [none] = inspectLibrary(compile("-shared", "-fPIC", "-Wl,-rpath,", join(FOREIGN, "plugin.c")));
    expect(none).toMatchObject({ besides: [], searched: [], strays: [] });
  });

  test("a program and an object file are told from a library", () => {
    const source = join(directory, "program.c");
    writeFileSync(source, "void _start(void) { for (;;); }\n");
    const images = (...flags: string[]) => inspectLibrary(compile(...flags, source));
    expect(images("-pie", "-fPIE")).toMatchObject([{ kind: "executable", exports: new Set() }]);
    expect(images("-static", "-no-pie")).toMatchObject([{ kind: "executable" }]);
    expect(images("-c")).toMatchObject([{ kind: "object" }]);
    const { mismatch } = chooseImage(images("-pie", "-fPIE")) as { mismatch: string };
    expect(mismatch).toMatch(/ executable, shared library needed$/);
  });
});

describe("a file that is something else is called by its name", () => {
  test.each([
    ["", "an empty file"],
    ["plugin\n", "a text file"],
    ["#!/bin/sh\n", "a script"],
    ["!<arch>\nfoo.o/", "a static archive"],
    ["\0asm\x01\0\0\0", "a WebAssembly module"],
    ["/* GNU ld script */\nGROUP ( a.so )", "a linker script"],
    ["version https://git-lfs.example/spec/v1\noid", "a Git LFS pointer, the file it stands for was not fetched"],
    ["<!DOCTYPE html>", "an HTML page"],
    ["\0\0\0\0", "a file that begins with zero bytes"],
    ["\xca\xfe\xba\xbe\0\0\0\x41", "a Java class file"],
    ["\x01\x02\xff", "a file of no known format (it begins with 01 02 ff)"],
    ["\x7fELF", "a truncated ELF file: it ends after 4 bytes"],
    ["\x7fELF\x09\x01", "a damaged ELF file: class 9 and byte order 1, both have to be 1 or 2"],
    ["MZ", "a truncated PE file: the DOS header needs bytes 60..64, the file has 2"],
    [`MZ${"\0".repeat(58)}\x40\0\0\0NE\0\0`, "a 16-bit Windows or OS/2 program"],
    ["\xcf\xfa\xed\xfe", "a truncated Mach-O file: the header needs bytes 4..8, the file has 4"],
  ])("%j is %s", (start, name) => {
    expect(outcome(Buffer.from(start, "latin1"))).toBe(name);
  });

  test("a library cut short says what is missing", () => {
    expect(outcome(read("plugin-aarch64.so").subarray(0, 1200))).toBe(
      "a truncated ELF file: segment 3 needs bytes 1096..1264, the file has 1200",
    );
    expect(outcome(read("plugin-universal.dylib").subarray(0, 40_000))).toMatch(
      /^a truncated universal Mach-O file: slice 1 needs bytes \d+\.\.\d+, the file has 40000$/,
    );
    expect(outcome(read("plugin-x86_64.dll").subarray(0, 1600))).toMatch(
      /^a truncated PE file: section \d needs bytes /,
    );
  });
});

describe.each(Object.keys(LIBRARIES))("%s, damaged", (name) => {
  test("cut off anywhere, it is refused or still whole", () => {
    const bytes = read(name);
    // The large ones are mostly zero bytes between a beginning and an end.
    const step = (length: number) => (length < 2048 || length > bytes.length - 2048 ? 1 : 37);
    for (let length = 0; length < bytes.length; length += step(length)) {
      const result = outcome(bytes.subarray(0, length));
      if (typeof result !== "string") {
        expect(result, `${length} bytes`).toEqual(LIBRARIES[name]);
      }
    }
  });

  test("with bytes changed, it is described or refused", () => {
    const original = read(name);
    const places = [...original.keys()].filter(
      (at) => original[at] !== 0 || original[at - 1] !== 0 || original[at + 1] !== 0,
    );
    let state = 20_250_101;
    const random = (limit: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * limit);
    };
    const results = new Set<string>();
    for (let round = 0; round < 3000; round += 1) {
      const bytes = Buffer.from(original);
      for (let change = random(4); change >= 0; change -= 1) {
        // Half of the changes hit the headers, where most of the decisions are.
        const at = places[random(random(2) === 0 ? places.length : Math.min(places.length, 400))] ?? 0;
        bytes[at] = [0, 1, 0x7f, 0x80, 0xff, random(256)][random(6)] ?? 0;
      }
      const result = outcome(bytes);
      results.add(typeof result === "string" ? result : "described");
    }
    expect(results).toContain("described");
    expect(results.size).toBeGreaterThan(10);
  });
});

describe("hostile files end quickly", () => {
  /** A 64-bit library in one segment at address 0: 512 bytes of headers, a hash table, symbols, and names. */
  function elf(
    hash: { tag: number; words: number[] },
    symbols: number[],
    names: string,
    segment: Partial<Record<number, bigint>> = {},
  ) {
    const hashAt = 512;
    const symbolsAt = hashAt + hash.words.length * 4;
    const namesAt = symbolsAt + symbols.length * 24;
    const bytes = Buffer.alloc(namesAt + names.length);
    bytes.set(read("plugin-x86_64.so").subarray(0, 64));
    bytes.writeUInt16LE(2, 56);
    const header = (at: number, type: number, values: Partial<Record<number, bigint>>) => {
      bytes.writeUInt32LE(type, at);
      for (const [offset, value] of Object.entries(values)) {
        bytes.writeBigUInt64LE(value ?? 0n, at + Number(offset));
      }
    };
    header(64, 1, { 32: BigInt(bytes.length), ...segment });
    header(120, 2, { 8: 256n, 16: 256n, 32: 256n });
    const dynamic = [hash.tag, hashAt, 5, namesAt, 10, names.length, 6, symbolsAt, 0, 0];
    for (const [index, value] of dynamic.entries()) {
      bytes.writeBigUInt64LE(BigInt(value), 256 + index * 8);
    }
    for (const [index, value] of hash.words.entries()) {
      bytes.writeUInt32LE(value, hashAt + index * 4);
    }
    for (const [index, name] of symbols.entries()) {
      const at = symbolsAt + index * 24;
      bytes.writeUInt32LE(name, at);
      bytes[at + 4] = 0x12;
      bytes[at + 6] = 1;
    }
    bytes.write(names, namesAt, "latin1");
    return bytes;
  }
  const SYSV = 4;
  const GNU = 0x6ffffef5;

  test("the file that these are made from is one", () => {
    const images = outcome(elf({ tag: SYSV, words: [0, 2] }, [0, 1], "\0a\0"));
    expect(images).toMatchObject([{ exports: new Set(["a"]) }]);
    expect(outcome(elf({ tag: GNU, words: [1, 1, 0, 0, 1, 1] }, [0, 1], "\0a\0"))).toEqual(images);
  });

  test("every suffix of one long name", () => {
    const symbols = Array.from({ length: 40_000 }, (_, index) => index);
    expect(outcome(elf({ tag: SYSV, words: [0, symbols.length] }, symbols, `\0${"a".repeat(900_000)}\0`))).toMatch(
      /more names/,
    );
  });

  test("a million names and a bit", () => {
    const symbols = Array.from({ length: 1_050_000 }, () => 1);
    expect(outcome(elf({ tag: SYSV, words: [0, symbols.length] }, symbols, "\0a\0"))).toMatch(/more names/);
  });

  test.each([
    ["more symbols than bytes", { tag: SYSV, words: [0, 0xffffffff] }, /symbol table needs bytes/],
    ["more buckets than bytes", { tag: GNU, words: [0xffffffff, 1, 0, 0] }, /hash table needs bytes/],
    ["a bloom filter larger than the file", { tag: GNU, words: [1, 1, 0xffffffff, 0] }, /hash table needs bytes/],
    [
      "a hash chain without end",
      { tag: GNU, words: [1, 1, 0, 0, 1, 0, 0, 0] },
      /hash table needs bytes|symbol table needs/,
    ],
    ["a bucket that starts after all symbols", { tag: GNU, words: [1, 1, 0, 0, 0xfffffff0] }, /hash table needs bytes/],
  ])("%s", (_, hash, message) => {
    expect(outcome(elf(hash, [0, 1], "\0a\0"))).toMatch(message);
  });

  test.each([
    ["a segment at the last byte of 64 bits", { 8: 2n ** 64n - 1n }, /byte 18446744073709551615, which no file has/],
    ["a segment longer than numbers are exact", { 32: 2n ** 53n }, /byte 9007199254740992, which no file has/],
    ["a segment that ends far away", { 8: 2n ** 52n }, /segment 0 needs bytes 4503599627370496\.\./],
    ["addresses that wrap round", { 16: 2n ** 64n - 4096n }, /which no segment takes from the file/],
    ["addresses one off at 2^53", { 16: 2n ** 53n + 1n }, /which no segment takes from the file/],
  ])("%s", (_, segment, message) => {
    expect(outcome(elf({ tag: SYSV, words: [0, 2] }, [0, 1], "\0a\0", segment))).toMatch(message);
  });

  describe("Mach-O", () => {
    const original = read("plugin-arm64.dylib");
    const trieCommand = original.indexOf("33000080", 0, "hex");
    const trie = original.readUInt32LE(trieCommand + 8);
    const withTrie = (...bytes: number[]) => {
      const copy = Buffer.from(original);
      copy.set(bytes, trie);
      return outcome(copy);
    };

    test("tries that are no trees", () => {
      expect(withTrie(0, 1, 0x61, 0, 0)).toMatch(/no tree/);
      expect(withTrie(0, 1, 0, 0)).toMatch(/no tree/);
      expect(withTrie(0, 2, 0x61, 0, 0, 0x61, 0, 0)).toMatch(/no tree/);
      expect(withTrie(0, 1, 0x61, 0, 0xff, 0x7f)).toMatch(/leads outside/);
      expect(withTrie(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1)).toMatch(/ends outside/);
      expect(withTrie(...Array<number>(136).fill(0xff))).toMatch(/number without an end/);
    });

    test("a trie as deep as it is long", () => {
      const depth = 100_000;
      const node = (index: number) => [
        1,
        0,
        1,
        0x61,
        0,
        ...[0, 7, 14, 21].map((bits) => (((index + 1) * 9) >> bits) & 0x7f),
      ];
      const nodes = Array.from({ length: depth }, (_, index) =>
        node(index).map((byte, at) => (at > 4 && at < 8 ? byte | 0x80 : byte)),
      );
      const bytes = Buffer.concat([original, Buffer.from([...nodes.flat(), 1, 0, 0])]);
      bytes.writeUInt32LE(original.length, trieCommand + 8);
      bytes.writeUInt32LE(bytes.length - original.length, trieCommand + 12);
      expect(outcome(bytes)).toMatch(/more names/);
    });

    test("counts and sizes beyond the file", () => {
      const symtab = original.indexOf("0200000018000000", 0, "hex");
      const noTrie = [trieCommand, 32, 0x7f] as const;
      expect(outcome(patched("plugin-arm64.dylib", [symtab + 12, 32, 0xffffffff], noTrie))).toMatch(
        /symbol table needs bytes/,
      );
      expect(outcome(patched("plugin-arm64.dylib", [symtab + 20, 32, 0xffffffff], noTrie))).toMatch(
        /string table needs bytes/,
      );
      expect(outcome(patched("plugin-arm64.dylib", [16, 32, 0xffffffff]))).toMatch(/damaged .* load command/);
      expect(outcome(patched("plugin-arm64.dylib", [36, 32, 0]))).toMatch(/load command 0 takes 0 bytes/);
    });

    test("slices that share their bytes, or are not what they are listed as", () => {
      const universal = read("plugin-universal.dylib");
      const second = Buffer.from(universal);
      universal.copy(second, 28 + 8, 8 + 8, 8 + 16);
      expect(outcome(second)).toMatch(/slices 0 and 1 overlap/);
      const listed = Buffer.from(universal);
      universal.copy(listed, 28, 8, 12);
      expect(outcome(listed)).toMatch(/listed for CPU type/);
    });
  });

  test("PE that needs libraries without end, or by names without end", () => {
    const directory = read("plugin-x86_64.dll").readUInt32LE(0x3c) + 24 + 112 + 8;
    expect(outcome(patched("plugin-x86_64.dll", [directory, 32, 0x7fff0000]))).toMatch(
      /import directory is at address/,
    );
    // All of the last section is entries, and each has the long name at its end.
    const [count, name] = [100_000, Buffer.from(`${"a".repeat(1000)}\0`)];
    const bytes = Buffer.concat([read("plugin-x86_64.dll"), Buffer.alloc(count * 20), name]);
    const header = bytes.readUInt32LE(0x3c);
    const last = header + 24 + bytes.readUInt16LE(header + 20) + 40 * (bytes.readUInt16LE(header + 6) - 1);
    const address = bytes.readUInt32LE(last + 12);
    const start = bytes.length - count * 20 - name.length;
    bytes.writeUInt32LE(bytes.length - start, last + 16);
    bytes.writeUInt32LE(start, last + 20);
    bytes.writeUInt32LE(0, directory - 8); // it exports nothing
    bytes.writeUInt32LE(address, directory);
    for (let at = start; at < bytes.length - name.length; at += 20) {
      bytes.writeUInt32LE(address + count * 20, at + 12);
      bytes.writeUInt32LE(1, at + 16);
    }
    expect(outcome(bytes)).toMatch(/more names than a file of this size/);
  });

  test("PE with more names than bytes, unordered sections, and headers at the end of 32 bits", () => {
    const original = read("plugin-x86_64.dll");
    const header = original.readUInt32LE(0x3c);
    const sections = header + 24 + original.readUInt16LE(header + 20);
    const section = [0, 1, 2]
      .map((index) => sections + index * 40)
      .find((at) => original.toString("latin1", at, at + 6) === ".rdata");
    expect(section).toBeDefined();
    const directory = original.readUInt32LE(header + 24 + 112);
    const exportsAt =
      directory - original.readUInt32LE((section ?? 0) + 12) + original.readUInt32LE((section ?? 0) + 20);
    expect(outcome(patched("plugin-x86_64.dll", [exportsAt + 24, 32, 0xffffffff]))).toMatch(
      /which no section takes from/,
    );
    expect(outcome(patched("plugin-x86_64.dll", [exportsAt + 20, 32, 1]))).toMatch(/names function \d, of 1/);
    expect(outcome(patched("plugin-x86_64.dll", [sections + 12, 32, 0xffffffff]))).toMatch(/loaded before/);
    expect(outcome(patched("plugin-x86_64.dll", [0x3c, 32, 0xffffffff]))).toMatch(
      /PE header needs bytes 4294967295\.\./,
    );
  });
});
