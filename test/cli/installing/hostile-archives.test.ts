// dlrpc install of archives that mean harm, and of damaged ones: one clear sentence each, and nothing is left.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { type TarEntry, tar, tarGz, type ZipEntry, zip } from "./archives.ts";
import { goodFiles, OperatorHome } from "./home.ts";

const good = goodFiles();
const tarWith = (...entries: TarEntry[]) => tarGz([...good, ...entries]);
const zipWith = (...entries: ZipEntry[]) => zip([...good, ...entries]);
const damagedAt = (archive: Buffer, at: number) => {
  const damaged = Buffer.from(archive);
  damaged[at] = (damaged[at] as number) ^ 0xff;
  return damaged;
};
const goodZip = zip(good);
const goodTar = tarGz(good);
const deep = `${"d/".repeat(16)}file`;
/** Hidden ones are counted as all others, and take no time. */
const many = Array.from({ length: 10_001 }, (_, i) => ({ name: `.${i}` }));
const large = Buffer.alloc(64 * 1024);

/** Compressed so that the first byte is unpacked long before the second: more lies between them than is read at once. */
function slowly(content: Buffer): Buffer {
  const nothing = gzipSync("");
  const much = Array.from({ length: Math.ceil((512 * 1024) / nothing.length) }, () => nothing);
  return Buffer.concat([gzipSync(content.subarray(0, 1)), ...much, gzipSync(content.subarray(1))]);
}

test.each<[string, Buffer, RegExp]>([
  ["tar: a path that leads out", tarWith({ name: "../evil" }), /holds `\.\.\/evil`, which leads out of the package/],
  ["tar: one that does so from within", tarWith({ name: "a/../../evil" }), /`a\/\.\.\/\.\.\/evil`, which leads out/],
  ["tar: an absolute path", tarWith({ name: "/tmp/evil" }), /holds `\/tmp\/evil`, an absolute path/],
  [
    "tar: a symbolic link",
    tarWith({ name: "data", type: "2", link: "/etc" }),
    /holds `data`, a symbolic link; only files/,
  ],
  [
    "tar: a hard link",
    tarWith({ name: "data", type: "1", link: "plugin.json" }),
    /holds `data`, a hard link; only files/,
  ],
  ["tar: a device", tarWith({ name: "null", type: "3" }), /holds `null`, a device/],
  ["tar: a block device", tarWith({ name: "disk", type: "4" }), /holds `disk`, a device/],
  ["tar: a FIFO", tarWith({ name: "pipe", type: "6" }), /holds `pipe`, a FIFO/],
  ["tar: what nobody knows", tarWith({ name: "what", type: "Z" }), /holds `what`, of a kind that is not known/],
  ["tar: case twins", tarWith({ name: "Data" }, { name: "data" }), /holds both `Data` and `data`/],
  [
    "tar: directories that are case twins",
    tarWith({ name: "Data/a" }, { name: "data/b" }),
    /holds both `Data` and `data`/,
  ],
  ["tar: a name in two forms of Unicode", tarWith({ name: "\u00e9" }, { name: "e\u0301" }), /holds both/],
  ["tar: a file twice", tarWith({ name: "plugin.json", content: "{}" }), /holds `plugin\.json` twice/],
  ["tar: a file that is a directory, too", tarWith({ name: "a/b" }, { name: "a" }), /holds `a` twice/],
  ["tar: a name with an escape", tarWith({ name: "\u001b[2Jgone" }), /holds `\\x1b\[2Jgone`, a name with control/],
  [
    "tar: a name that turns around",
    tarWith({ name: "a\u202egnp.exe" }),
    /holds `a\\xe2\\x80\\xaegnp\.exe`, a name with control/,
  ],
  ["tar: a name with a backslash", tarWith({ name: "..\\evil" }), /a name with a \\/],
  ["tar: too deep", tarWith({ name: deep }), /more than 16 levels deep/],
  ["tar: too many files", tarWith(...many), /has more than 10000 files and directories/],
  ["tar: too much", tarWith({ name: "zeros", size: 3 * 1024 ** 3 }), /unpacks to more than 2 GiB/],
  ["tar: cut off", goodTar.subarray(0, goodTar.length - 100), /is damaged or cut off \(unexpected end of file\)/],
  ["tar: cut off before it was compressed", gzipSync(tar(good).subarray(0, 2000)), /is damaged or cut off \(Truncated/],
  [
    "tar: a wrong checksum of gzip",
    damagedAt(goodTar, goodTar.length - 8),
    /is damaged or cut off \(incorrect data check\)/,
  ],
  [
    "tar: a wrong checksum of a header",
    gzipSync(damagedAt(tar(good), 150)),
    /is damaged or cut off \(checksum failure\)/,
  ],
  ["tar: compressed twice", gzipSync(goodTar), /is compressed twice/],
  ["tar: the same, and its first byte comes alone", slowly(goodTar), /is compressed twice/],
  ["tar: no tar at all", gzipSync(Buffer.from("text")), /is damaged or cut off \(Unrecognized archive format\)/],
  ["tar: empty", gzipSync(Buffer.alloc(0)), /is damaged or cut off \(Unrecognized|holds no plugin\.json/],
  ["zip: a path that leads out", zipWith({ name: "../evil" }), /holds `\.\.\/evil`, which leads out of the package/],
  ["zip: an absolute path", zipWith({ name: "/tmp/evil" }), /holds `\/tmp\/evil`, an absolute path/],
  [
    "zip: a symbolic link",
    zipWith({ name: "data", kind: 0o120000, content: "/etc" }),
    /holds `data`, a symbolic link; only/,
  ],
  ["zip: a device", zipWith({ name: "null", kind: 0o020000 }), /holds `null`, a device/],
  ["zip: a FIFO", zipWith({ name: "pipe", kind: 0o010000 }), /holds `pipe`, a FIFO/],
  ["zip: a socket", zipWith({ name: "socket", kind: 0o140000 }), /holds `socket`, of a kind that is not known/],
  ["zip: case twins", zipWith({ name: "PLUGIN.json" }), /holds both `plugin\.json` and `PLUGIN\.json`/],
  ["zip: a file twice", zipWith({ name: "plugin.json", content: "{}" }), /holds `plugin\.json` twice/],
  ["zip: a name with a bell", zipWith({ name: "ding\u0007" }), /holds `ding\\x07`, a name with control characters/],
  ["zip: a backslash, as old tools of Windows write", zipWith({ name: "data\\text" }), /a name with a \\/],
  ["zip: a name of unknown characters", zipWith({ name: "\u00e9", flags: 0 }), /names that are not said to be UTF-8/],
  ["zip: another name beside the file", zipWith({ name: "a", localName: "b" }), /says two things of one of its files/],
  [
    "zip: more than it says",
    zipWith({ name: "zeros", content: large, bytes: 10 }),
    /more than the 10 bytes that it is said/,
  ],
  ["zip: less than it says", zipWith({ name: "zeros", content: large, bytes: 99_999 }), /65536 bytes, not the 99999/],
  ["zip: a wrong checksum", zipWith({ name: "text", content: "x", crc: 1 }), /`text` has another checksum/],
  ["zip: too much", zipWith({ name: "zeros", bytes: 3 * 1024 ** 3 }), /unpacks to more than 2 GiB/],
  ["zip: encrypted", zipWith({ name: "secret", flags: 1 }), /is encrypted; pack it without a password/],
  [
    "zip: compressed in another way",
    zipWith({ name: "text", method: 14 }),
    /compressed in a way that is not known here \(14\)/,
  ],
  ["zip: cut off", goodZip.subarray(0, goodZip.length - 100), /is damaged or cut off; fetch it again/],
  ["zip: a damaged file", damagedAt(goodZip, 100), /is damaged or cut off: `plugin\.json` |says two things/],
  [
    "zip: a damaged directory",
    damagedAt(goodZip, goodZip.length - 22 - 30),
    /is damaged or cut off|says two things|not known/,
  ],
  ["zip: Zip64", zipWith({ name: "zeros", bytes: 0xffffffff }), /needs Zip64/],
  ["tar: nothing but a hundred MiB of zeros", gzipSync(Buffer.alloc(100 * 1024 ** 2)), /is damaged or cut off/],
  ["zip: its beginning only", Buffer.from("PK"), /is damaged or cut off/],
])("%s", async (_, archive, message) => {
  using home = new OperatorHome();
  home.file("package", archive);
  const { status, stdout, stderr } = await home.run("install", "package");
  expect([status, stdout, stderr]).toEqual([2, "", expect.stringMatching(message)]);
  expect(stderr).toMatch(/^dlrpc: package [^\n\p{Cc}]*\n$/u); // one sentence, and nothing that a terminal obeys
  expect(home.installed).toEqual([]);
  expect(readdirSync(home.path).sort()).toEqual([".vtcode", "package"]);
});

test("A15: what is refused half way does not touch what is there", async () => {
  using home = new OperatorHome();
  home.file("1.zip", zip(good));
  home.file("2.tgz", tarGz([...goodFiles({ version: "2.0.0" }), { name: "../evil" }]));
  await home.run("install", "1.zip");
  expect((await home.run("install", "2.tgz")).status).toBe(2);
  expect([home.version("made"), home.installed]).toEqual(["1.0.0", ["made"]]);
});

test("hidden files are judged as all others are, and left out", async () => {
  using home = new OperatorHome();
  home.file("good.tgz", tarWith({ name: "./._plugin.json", content: "x" }, { name: ".git/config" }));
  home.file("evil.tgz", tarWith({ name: ".git/../../evil" }));
  expect((await home.run("install", "evil.tgz")).stderr).toContain("leads out");
  expect((await home.run("install", "good.tgz")).status).toBe(0);
  expect(readdirSync(join(home.plugins, "made"))).toHaveLength(2);
});

test("what follows the end of a tar archive is passed over, as tar(1) does", async () => {
  using home = new OperatorHome();
  home.file("made.tgz", gzipSync(Buffer.concat([tar(good), Buffer.alloc(100 * 1024 ** 2, "junk")])));
  expect(await home.run("install", "made.tgz")).toMatchObject({ status: 0, stderr: "" });
});

test("names of more than 100 bytes, as tar(1) writes them, and those of more than there may be", async () => {
  using home = new OperatorHome();
  home.add("made");
  const name = `${"long-".repeat(40)}name`;
  home.file(`made/${name}`, "x");
  for (const format of ["gnu", "pax", "v7"].slice(0, 2)) {
    execFileSync("tar", [`--format=${format}`, "-czf", "made.tgz", "made"], { cwd: home.path });
    expect(await home.run("install", "--force", "made.tgz")).toMatchObject({ status: 0, stderr: "" });
    expect(readFileSync(join(home.plugins, "made", name), "utf8")).toBe("x");
  }
  home.file("long.zip", zipWith({ name: "x".repeat(256) }));
  expect((await home.run("install", "long.zip")).stderr).toMatch(/holds `x{100}…`, a name of more than 255 bytes/);
});

test("a directory: links out of it, to directories, and what is no file", async () => {
  using home = new OperatorHome();
  const directory = home.add("made");
  const refusal = async () => (await home.run("install", "made")).stderr;
  symlinkSync("/etc/passwd", join(directory, "passwd"));
  expect(await refusal()).toMatch(/made\/passwd leads to \/etc\/passwd; links to files of the plugin only/);
  execFileSync("sh", ["-c", "rm passwd; mkfifo pipe"], { cwd: directory });
  expect(await refusal()).toMatch(/made\/pipe is neither a file nor a directory/);
  execFileSync("sh", ["-c", "rm pipe"], { cwd: directory });
  writeFileSync(join(directory, "Data"), "");
  writeFileSync(join(directory, "data"), "");
  expect(await refusal()).toMatch(/holds both `Data` and `data`/);
  expect(home.installed).toEqual([]);
});
