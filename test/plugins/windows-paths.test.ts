// What Windows takes a path for, and who else may write somewhere by its access control lists (T9, T3): as far as that is said by
// text and bytes alone. The rest is tried in Wine.

import { describe, expect, test } from "vitest";
import { strangeness } from "../../src/platform/windows/files/strange-path.ts";
import { holdersOf, readSecurityDescriptor } from "../../src/platform/windows/security/security-descriptor.ts";
import { listedName, readFileHashes } from "../../src/plugins/manifest/file-hashes.ts";
import { shareOf } from "../../src/plugins/trust/trust.ts";

describe("T9: a path on Windows", () => {
  test.each([
    "C:\\plugins\\hello",
    "c:/plugins/hello/",
    "C:\\",
    "C:plugins",
    "\\plugins",
    "..\\plugins\\.\\x",
    "\\\\server\\share\\plugins",
    "//server/share/plugins",
    "\\\\?\\C:\\plugins",
    "\\\\?\\UNC\\server\\share\\plugins",
    "C:\\größe\\名前 🙂\\a.b-c_d",
    "C:\\com\\lpt\\console\\nul0\\com10\\auxiliary.dll\\.hidden",
    `C:\\${"n".repeat(250)}\\${"m".repeat(250)}`,
  ])("%s names what it seems to name", (path) => {
    expect(strangeness(path)).toBeUndefined();
  });

  test.each([
    ["C:\\plugins\\hello.dll:stream", /names a stream/],
    ["C:\\plugins\\hello::$INDEX_ALLOCATION", /names a stream/],
    ["C:\\plugins\\C:\\x", /names a stream/],
    ["\\\\server\\share\\x:y", /names a stream/],
    ["\\\\?\\C:\\plugins\\x:y", /names a stream/],
    ["NUL", /NUL is the name of a device/],
    ["C:\\plugins\\con", /con is the name/],
    ["C:\\plugins\\aux.dll", /aux\.dll is the name/],
    ["C:\\plugins\\COM1 .txt\\x", /is the name of a device/],
    ["C:\\plugins\\com¹", /is the name of a device/],
    ["C:\\plugins\\lpt9.tar.gz", /is the name of a device/],
    ["C:\\plugins\\CONOUT$", /is the name of a device/],
    ["C:\\plugins\\nul:", /is the name of a device/],
    ["C:\\plugins\\hello.", /`hello\.` ends with a dot or a space/],
    ["C:\\plugins\\hello \\plugin.json", /`hello ` ends with a dot or a space/],
    ["C:\\plugins\\...\\x", /ends with a dot/],
    ["\\\\?\\C:\\plugins\\hello.", /ends with a dot/],
    ["C:\\plugins\\he?lo", /character that no name has/],
    ["C:\\plugins\\a\u0000b", /character that no name has/],
    ["\\??\\C:\\plugins", /character that no name has/],
    ["\\\\.\\C:\\plugins", /namespace of devices/],
    ["\\\\.\\pipe\\x", /namespace of devices/],
    ["//./PhysicalDrive0", /namespace of devices/],
    ["\\\\?\\C:", /namespace of devices/],
    ["\\\\?\\GLOBALROOT\\Device\\x", /namespace of devices/],
    ["\\\\?\\Volume{b75e2c83-0000-0000-0000-602f00000000}\\x", /namespace of devices/],
  ])("%s is not used", (path, why) => {
    expect(strangeness(path)).toMatch(why);
  });
});

test.each([
  ["\\\\Server\\Share\\plugins", "\\\\server\\share"],
  ["//server/share", "\\\\server\\share"],
  ["\\\\?\\unc\\server\\share\\x", "\\\\server\\share"],
  ["\\\\10.0.0.1\\c$\\x", "\\\\10.0.0.1\\c$"],
  ["C:\\server\\share", undefined],
  ["\\server\\share", undefined],
  ["\\\\?\\C:\\x", undefined],
  ["\\\\.\\pipe\\x", undefined],
])("T9: %s lies on %s", (path, share) => {
  expect(shareOf(path, "win32")).toBe(share);
  expect(shareOf(path, "linux")).toBeUndefined();
});

test("T5: the names of sha256 are compared without case on Windows, and there only", () => {
  const hashes = new Map([["Lib/Greeting.dll", "0".repeat(64)]]);
  expect(listedName(hashes, "lib/greeting.DLL", "win32")).toBe("Lib/Greeting.dll");
  expect(listedName(hashes, "lib/other.dll", "win32")).toBe("lib/other.dll");
  expect(listedName(hashes, "lib/greeting.DLL", "linux")).toBe("lib/greeting.DLL");
  expect(listedName(undefined, "x", "win32")).toBe("x");
  const twice = { "a.dll": "0".repeat(64), "A.DLL": "1".repeat(64) };
  expect(readFileHashes(twice, "linux").issues).toEqual([]);
  expect(readFileHashes(twice, "win32").issues).toMatchObject([{ path: "sha256.A.DLL" }]);
});

describe("T3: an access control list", () => {
  function sid(text: string): Buffer {
    const [, revision = 1, authority = 0, ...parts] = text.split("-").map(Number);
    const bytes = Buffer.alloc(8 + 4 * parts.length);
    bytes.writeUInt8(revision, 0);
    bytes.writeUInt8(parts.length, 1);
    bytes.writeUIntBE(authority, 2, 6);
    for (const [index, part] of parts.entries()) bytes.writeUInt32LE(part, 8 + 4 * index);
    return bytes;
  }
  const [everyone, users, owner] = ["S-1-1-0", "S-1-5-32-545", "S-1-5-21-1-4294967295-3-1001"];
  const [allow, deny, conditional, audit] = [0, 1, 9, 2];

  function entry(type: number, who: string, rights: number, flags = 0): Buffer {
    const bytes = Buffer.concat([Buffer.from([type, flags, 0, 0]), Buffer.alloc(4), sid(who)]);
    bytes.writeUInt16LE(bytes.length, 2);
    bytes.writeUInt32LE(rights, 4);
    return bytes;
  }

  /** @param entries undefined for no list at all */
  function descriptor(entries: readonly Buffer[] | undefined): Buffer {
    const [header, list] = [Buffer.alloc(20), Buffer.concat([Buffer.alloc(8), ...(entries ?? [])])];
    list.writeUInt16LE(list.length, 2);
    list.writeUInt16LE(entries?.length ?? 0, 4);
    header.writeUInt8(1, 0);
    header.writeUInt16LE(0x8004, 2);
    header.writeUInt32LE(20, 4);
    header.writeUInt32LE(entries === undefined ? 0 : 20 + sid(owner).length, 16);
    return Buffer.concat([header, sid(owner), ...(entries === undefined ? [] : [list]), Buffer.alloc(100, 0xff)]);
  }

  const holders = (entries: readonly Buffer[], rights: number) =>
    holdersOf(readSecurityDescriptor(descriptor(entries)).entries ?? [], rights);

  test("says who the owner is, and what each may do, in its order", () => {
    const bytes = descriptor([entry(allow, users, 0x1200a9), entry(deny, everyone, 2)]);
    expect(readSecurityDescriptor(bytes)).toEqual({
      owner,
      entries: [
        { allows: true, sid: users, rights: 0x1200a9 },
        { allows: false, sid: everyone, rights: 2 },
      ],
    });
  });

  test("that is not there lets everybody do everything, one that is empty lets nobody", () => {
    expect(readSecurityDescriptor(descriptor(undefined)).entries).toBeUndefined();
    expect(readSecurityDescriptor(descriptor([])).entries).toEqual([]);
  });

  test("counts what holds for the object itself, and also under a condition", () => {
    const inherited = 0x10;
    const [inheritOnly, here] = [entry(allow, everyone, 2, 0x8 | 0x2), entry(allow, users, 2, inherited)];
    expect(holders([inheritOnly, here], 2)).toEqual([users]);
    expect(holders([entry(conditional, everyone, 2)], 2)).toEqual([everyone]);
    expect(holders([entry(audit, everyone, 2), entry(allow, users, 1)], 2)).toEqual([]);
  });

  test("takes away from the same what was denied before, and no more", () => {
    expect(holders([entry(deny, users, 2), entry(allow, users, 2)], 2)).toEqual([]);
    expect(holders([entry(allow, users, 2), entry(deny, users, 2)], 2)).toEqual([users]);
    expect(holders([entry(deny, users, 2), entry(allow, users, 6)], 6)).toEqual([users]);
    expect(holders([entry(deny, users, 2), entry(allow, everyone, 2)], 2)).toEqual([everyone]);
  });

  test("that is damaged is refused", () => {
    expect(() => readSecurityDescriptor(descriptor([entry(allow, users, 2)]).subarray(0, 30))).toThrow(RangeError);
  });
});
