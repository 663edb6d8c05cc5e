// What is said of plugins on Windows without running their code: how their paths are taken (T2, T9), their libraries found (A1) and
// what those need (T4, P9), and whether others may write to them (T3).

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { manifestText } from "../../../fixtures/manifest.ts";
import { PackageNames } from "../../../src/cli/installing/source/names.ts";
import { kernel32 } from "../../../src/platform/windows/system-functions.ts";
import { findByName } from "../../../src/plugins/find.ts";
import { InspectedPlugin, type InspectOptions } from "../../../src/plugins/inspected-plugin.ts";
import { discoverPlugins, inspectAnywhere } from "../../../src/plugins/inspection.ts";
import { noSignatures } from "../../../src/plugins/trust/signature.ts";
import { Trust } from "../../../src/plugins/trust/trust.ts";
import { setAccess } from "./security.ts";
import { pluginPath } from "./windows-worker.ts";

const place = "Z:\\work\\scratch\\Examining";

interface Files {
  readonly [name: string]: string;
}

/** Makes a plugin. @param files by name the plugin of the tests that each is a copy of @returns its directory */
function add(name: string, files: Files = { [`${basename(name)}.dll`]: "by-ucrt" }, manifest: object = {}): string {
  const directory = join(place, name);
  mkdirSync(directory, { recursive: true });
  for (const [file, plugin] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    copyFileSync(pluginPath(plugin), join(directory, file));
  }
  writeFileSync(join(directory, "plugin.json"), manifestText({ name: basename(name), ...manifest }));
  return directory;
}

function options(more: Partial<InspectOptions> = {}, ...trusted: string[]): InspectOptions {
  const trust = new Trust();
  trust.add(...(trusted.length > 0 ? trusted : [place]));
  return { trust, strictPermissions: false, untrusted: "refuse", signatures: noSignatures, ...more };
}

const problemsOf = async (path: string, more?: Partial<InspectOptions>) =>
  (await InspectedPlugin.of(path, options(more))).problems;

/** The files of a plugin that may be loaded. */
const loadable = async (path: string) => (await InspectedPlugin.of(path, options())).requireLoadable();

test("all spellings of a directory are one plugin, and its canonical path is the one that comes back", async () => {
  const directory = add("Hello");
  const short = Buffer.alloc(1024);
  const length = kernel32("GetShortPathNameW", "uint32_t", ["str16", "void *", "uint32_t"])(directory, short, 512);
  const spellings = [
    directory,
    directory.toUpperCase(),
    directory.replaceAll("\\", "/"),
    `${directory}\\`,
    `${directory}\\..\\hello\\.`,
    `\\\\?\\${directory}`,
    short.toString("utf16le", 0, 2 * length),
  ];
  for (const path of spellings) {
    const { files } = await loadable(path);
    assert.deepEqual([files.path, files.libraryPath], [directory, join(directory, "Hello.dll")], path);
  }
  for (const trusted of [place.toLowerCase(), `\\\\?\\${place}`, place.replaceAll("\\", "/")])
    assert.equal((await InspectedPlugin.of(directory, options({}, trusted))).isValid, true, trusted);
});

test("what lies beside a trusted directory, by whatever name, is refused", async () => {
  const directory = add("trusted\\inner");
  const beside = add("trusted-not\\inner");
  const refused = async (path: string) =>
    (await InspectedPlugin.of(path, options({}, dirname(directory)))).problems.map(({ code }) => code);
  assert.deepEqual(await refused(directory), []);
  for (const path of [beside, `${dirname(directory)}\\..\\trusted-not\\inner`, beside.toUpperCase()])
    assert.deepEqual(await refused(path), ["UNTRUSTED_PATH"], path);
});

test("a link leads to where it leads: it is trusted there, and by no name alone", async () => {
  const directory = add("..\\..\\plugins\\through-a-link");
  const path = "Z:\\work\\linked\\through-a-link";
  const seen = async (trusted: string) => {
    const plugin = await InspectedPlugin.of(path, options({}, trusted));
    return [plugin.path, ...plugin.problems.map(({ code }) => code)];
  };
  const canonical = "Z:\\work\\plugins\\through-a-link";
  assert.equal(resolve(directory), canonical);
  assert.deepEqual(await seen("Z:\\work\\plugins"), [canonical]);
  assert.deepEqual(await seen("Z:\\work\\linked"), [canonical]);
  assert.deepEqual(await seen(place), [canonical, "UNTRUSTED_PATH"]);
});

test("streams, devices, and names that Windows would change are refused by what they are", async () => {
  const directory = add("strange");
  const strange = { ":stream": /names a stream/, "::$INDEX_ALLOCATION": /a stream/, ".": /with a dot/, " ": /a space/ };
  for (const [end, why] of Object.entries(strange)) {
    const [problem] = await problemsOf(directory + end);
    assert.equal(problem?.code, "PATH_NOT_FOUND");
    assert.match(problem.message, why);
  }
  for (const path of ["NUL", `${place}\\con`, "\\\\.\\NUL", "\\\\.\\C:\\windows"]) {
    const [problem] = await problemsOf(path);
    assert.match(String(problem?.message), /device/, path);
  }
});

test("a server is asked for a plugin only where a directory of that share is trusted", async () => {
  const path = "\\\\nowhere.invalid\\Share\\plugin";
  const codes = async (trusted: string) =>
    (await InspectedPlugin.of(path, options({}, trusted))).problems.map(({ code }) => code);
  assert.deepEqual(await codes(place), ["UNTRUSTED_PATH"]);
  assert.deepEqual(await codes("//nowhere.invalid/share"), ["PATH_NOT_FOUND"]);
});

test("a package with names that Windows takes for something else is not unpacked", () => {
  const names = new PackageNames("made.tar.gz");
  assert.equal(names.admit("lib/win32-x64/made.dll", "file"), "lib/win32-x64/made.dll");
  for (const name of ["lib/aux.dll", "made.dll:more", "C:made.dll", "made.", "made /made.dll", "ma?de"])
    assert.throws(() => names.admit(name, "file"), /which cannot be made on this system/, name);
});

test("a plugin called like a device has no library", async () => {
  const codes = (await problemsOf(add("con-sole", {}, { name: "con" }))).map(({ code }) => code);
  assert.deepEqual(codes, ["LIBRARY_NOT_FOUND"]);
});

test("a path of more than 300 characters works, in any spelling", async () => {
  const directory = add(join("n".repeat(150), "M".repeat(150), "far"));
  for (const path of [directory, directory.toLowerCase(), `\\\\?\\${directory}`, directory.replaceAll("\\", "/")])
    assert.equal((await loadable(path)).files.libraryPath, join(directory, "far.dll"));
});

test("letters of many scripts, spaces and apostrophes are as good as any", async () => {
  const directory = add("größe ИМЯ 名前 🙂 it's", { "made.dll": "by-ucrt" }, { name: "made" });
  assert.equal((await loadable(directory)).files.path, directory);
});

test("NAME.dll comes before libNAME.dll, and the platform's directory before both", async () => {
  const directory = add("order", { "liborder.dll": "by-ucrt" });
  assert.equal((await loadable(directory)).files.libraryPath, join(directory, "liborder.dll"));
  add("order", { "order.dll": "by-ucrt" });
  assert.equal((await loadable(directory)).files.libraryPath, join(directory, "order.dll"));
  add("order", { "lib\\win32-x64\\order.dll": "by-ucrt" });
  assert.equal((await loadable(directory)).files.libraryPath, join(directory, "lib", "win32-x64", "order.dll"));
});

test("a plugin without a library is told which names were tried", async () => {
  const [problem] = await problemsOf(add("bare-one", {}));
  assert.match(String(problem?.message), /none of bare-one\.dll, bare_one\.dll, libbare-one\.dll, libbare_one\.dll/);
});

test("it is found by its name, in any case", async () => {
  const directory = add("Named");
  assert.equal(await findByName("Named", options()), directory);
  const found = await findByName("named", options());
  assert.equal((await loadable(String(found))).files.path, directory);
  const all = await discoverPlugins([join(place, "trusted")], options());
  assert.deepEqual(
    all.map(({ path, library }) => [path, library]),
    [[join(place, "trusted", "inner"), join(place, "trusted", "inner", "inner.dll")]],
  );
});

test("what a library needs from beside it is copied along, under the name that it has there", async () => {
  const directory = add("needy", { "needy.dll": "needs", "NEEDED.DLL": "needed" });
  const { libraries } = await loadable(directory);
  assert.deepEqual(
    libraries.map(({ path }) => path),
    [join(directory, "needy.dll"), join(directory, "NEEDED.DLL")],
  );
});

test("what is missing is named, and what is Windows's own is not", async () => {
  const directory = add("lonely", { "lonely.dll": "needs" });
  const [problem, ...others] = await problemsOf(directory);
  assert.deepEqual(others, []);
  assert.equal(
    problem?.message,
    `${join(directory, "lonely.dll")} needs needed.dll, and there is none where it is looked for`,
  );
  assert.equal((await loadable(directory)).files.missing?.needed, "needed.dll");
});

test("sha256 lists with slashes, and case does not count", async () => {
  const files = {
    "lib\\win32-x64\\listed.dll": "needs",
    "lib\\win32-x64\\needed.dll": "needed",
    "Data\\words.txt": "idle",
  };
  const hash = (plugin: string) =>
    createHash("sha256")
      .update(readFileSync(pluginPath(plugin)))
      .digest("hex");
  const [needs, needed] = [hash("needs"), hash("needed")];
  const list = (sha256: object) => problemsOf(add("listed", { ...files, "Data\\words.txt": "needed" }, { sha256 }));
  const good = { "lib/win32-x64/listed.dll": needs, "LIB/win32-x64/Needed.dll": needed, "data/Words.txt": needed };
  assert.deepEqual(await list(good), []);
  const codes = async (sha256: object) => (await list(sha256)).map(({ code }) => code);
  assert.deepEqual(await codes({ "lib\\win32-x64\\listed.dll": needs }), [
    "INVALID_PLUGIN",
    "INTEGRITY_FAILED",
    "INTEGRITY_FAILED",
  ]);
  assert.deepEqual(await codes({ ...good, "LIB/win32-x64/Needed.dll": needs }), ["INTEGRITY_FAILED"]);
  assert.deepEqual(await codes({ ...good, "data/words.txt:more": needs }), ["INTEGRITY_FAILED"]);
  assert.deepEqual(await codes({ ...good, "data/nul": needs }), ["INTEGRITY_FAILED"]);
});

for (const [plugin, code, message] of [
  ["i686", "LIBRARY_LOAD_FAILED", /i386 library, x86_64 needed/],
  ["no-exports", "SYMBOL_MISSING", /does not export vtcode_plugin_version/],
] as const) {
  test(`a library like ${plugin}.dll is told as ${code}`, async () => {
    const problems = await problemsOf(add(`wrong-${plugin}`, { [`wrong-${plugin}.dll`]: plugin }));
    assert.deepEqual(
      problems.map((problem) => problem.code),
      [code],
    );
    assert.match(String(problems[0]?.message), message);
  });
}

test("T3: whoever may write to a plugin is named, and with strict permissions it is an error", async () => {
  const directory = add("open");
  for (const path of [directory, join(directory, "open.dll")]) setAccess(path, "D:P(A;;FA;;;WD)");
  const warnings = await problemsOf(directory);
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ["WRITABLE_BY_OTHERS", "WRITABLE_BY_OTHERS"],
  );
  assert.match(String(warnings[0]?.hint), /^icacls "Z:.*open" \/inheritance:d \/remove:g \*S-1-1-0$/);
  const errors = await problemsOf(directory, { strictPermissions: true });
  assert.equal(errors[0]?.code, "UNTRUSTED_PATH");
  assert.deepEqual(await problemsOf(add("shut"), { strictPermissions: true }), []);
});

test("a file that another program has to itself for a moment is waited for, and one that it keeps is told", async () => {
  const directory = add("held");
  const open = kernel32("CreateFileW", "intptr_t", [
    "str16",
    "uint32_t",
    "uint32_t",
    "void *",
    "uint32_t",
    "uint32_t",
    "intptr_t",
  ]);
  const close = kernel32("CloseHandle", "int", ["intptr_t"]);
  const [GENERIC_READ, ALONE, OPEN_EXISTING] = [0x80000000, 0, 3];
  const held = open(join(directory, "held.dll"), GENERIC_READ, ALONE, null, OPEN_EXISTING, 0, 0);
  const [problem] = await problemsOf(directory);
  assert.match(String(problem?.message), /held\.dll: it cannot be opened: another program has held it for 2 s/);
  const waiting = problemsOf(directory);
  close(held);
  assert.deepEqual(await waiting, []);
});

test("plugin/validate reads one that is not trusted, and says so", async () => {
  const { problems } = await inspectAnywhere(add("outside"), options({}, "C:\\windows"));
  assert.deepEqual(
    problems.map(({ code }) => code),
    ["UNTRUSTED_PATH"],
  );
});
