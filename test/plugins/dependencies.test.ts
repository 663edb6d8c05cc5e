// What libraries for Windows and macOS need from beside them, where they must not look, and what is missing (T4, P9): by
// their bytes alone, as none of them is loaded here.

import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { InspectionError, inspectLibrary, type LibraryImage } from "../../src/plugins/formats/index.ts";
import { withDependencies } from "../../src/plugins/libraries/dependencies.ts";
import { missingLibraries, strayPlaces } from "../../src/plugins/libraries/library-problems.ts";
import { projectRoot } from "../support/paths.ts";

const foreign = (name: string) => readFileSync(join(projectRoot, "fixtures", "foreign", name));

let directory: string;
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "dlrpc-dependencies-")));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

function write(name: string, bytes: Buffer): string {
  const path = join(directory, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}

/** A library with one name in it replaced by another of the same length. */
function renamed(name: string, from: string, to: string): Buffer {
  const bytes = foreign(name);
  bytes.write(to.padEnd(from.length, "\0"), bytes.indexOf(`${from}\0`), "latin1");
  return bytes;
}

function imageOf(bytes: Buffer): LibraryImage {
  const [image] = inspectLibrary(bytes);
  if (image === undefined) throw new Error("it has no image");
  return image;
}

/** What is to be copied along, by relative paths, and what was found with it. */
async function found(name: string) {
  const path = join(directory, name);
  const bytes = readFileSync(path);
  const images: [string, LibraryImage][] = [];
  const read = async (needed: string) => readFileSync(needed);
  const files = await withDependencies({ path, bytes }, imageOf(bytes), read, (...each) => images.push(each));
  return { copied: files.map((file) => relative(directory, file.path)), missing: missingLibraries(images) };
}

const strays = (name: string, bytes: Buffer) => strayPlaces(join(directory, name), imageOf(bytes), directory);

describe("Windows", () => {
  test("what lies beside it is copied along, also what is loaded later; what is nowhere is named", async () => {
    write("plugin.dll", foreign("plugin-needing.dll"));
    expect(await found("plugin.dll")).toMatchObject({
      copied: ["plugin.dll"],
      missing: [{ details: { reason: "not-found", needed: "now.dll" }, message: expect.stringMatching(/now\.dll/) }],
    });
    write("now.dll", foreign("plugin-x86_64.dll"));
    write("later.dll", foreign("plugin-needing.dll"));
    const { copied, missing } = await found("plugin.dll");
    expect(copied).toEqual(["plugin.dll", "now.dll", "later.dll"]);
    expect(missing).toMatchObject([{ details: { library: join(directory, "now.dll"), needed: "host.dll" } }]);
  });

  test("what the system has is not missing, nor are its API sets, which are no files", async () => {
    const system = write("Windows/System32/now.dll", foreign("plugin-x86_64.dll"));
    vi.stubEnv("SystemRoot", dirname(dirname(system)));
    write("plugin.dll", foreign("plugin-needing.dll"));
    expect(await found("plugin.dll")).toEqual({ copied: ["plugin.dll"], missing: [] });
    write("plugin.dll", renamed("plugin-needing.dll", "now.dll", "api-ms-"));
    expect((await found("plugin.dll")).missing).toEqual([]);
    write("plugin.dll", renamed("plugin-needing.dll", "now.dll", "yes.dll"));
    expect((await found("plugin.dll")).missing).toMatchObject([{ details: { needed: "yes.dll" } }]);
  });

  test.each(["a\\w.dll", "a/w.dll", "C:w.dll", "now:dll", "..\\w.dl"])(
    "a needed name with a path in it, %s, strays",
    (name) => {
      const problem = strays("plugin.dll", renamed("plugin-needing.dll", "now.dll", name));
      expect(problem).toMatchObject({ kind: "LIBRARY_LOAD_FAILED", details: { reason: "search-path" } });
      expect(problem?.message).toContain(name);
    },
  );

  test("a name alone does not", () => {
    expect(strays("plugin.dll", foreign("plugin-needing.dll"))).toBeUndefined();
  });

  test("what it needs and is no library is named", async () => {
    write("plugin.dll", foreign("plugin-needing.dll"));
    const needed = write("now.dll", Buffer.from("text\n"));
    await expect(found("plugin.dll")).rejects.toThrow(new InspectionError(`it needs ${needed}: a text file`));
  });
});

describe("macOS", () => {
  const library = "libneeding.dylib";

  test("what @rpath and @loader_path lead to is copied along", async () => {
    write(library, foreign("plugin-needing.dylib"));
    copyFileSync(write("lib/libhost.dylib", foreign("plugin-universal.dylib")), join(directory, "libhost.dylib"));
    write("near/libhost.dylib", foreign("plugin-arm64.dylib"));
    const { copied, missing } = await found(library);
    expect(copied).toEqual([library, "lib/libhost.dylib", "near/libhost.dylib"]);
    expect(missing).toEqual([]);
  });

  test("what is nowhere is named as it is asked for; the system's own, which is no file, is not", async () => {
    write(library, foreign("plugin-needing.dylib"));
    const { copied, missing } = await found(library);
    expect(copied).toEqual([library]);
    const names = "@rpath/libhost.dylib, and there is none where it is looked for";
    expect(missing).toMatchObject([
      { details: { needed: "@rpath/libhost.dylib" }, message: expect.stringContaining(names) },
    ]);
  });

  test("the working directory and dlrpc's own program are no places to look", () => {
    const message = strays(library, foreign("plugin-needing.dylib"))?.message;
    expect(message).toContain("needs `libhost.dylib`, a path in the working directory");
    expect(message).toContain("needs `@executable_path/libhost.dylib`, a path beside dlrpc's own program");
    expect(message).toContain("looks for libraries in `lib`, which is relative to the working directory");
    expect(message).toContain("looks for libraries in `@executable_path/lib`, which is beside dlrpc's own program");
    expect(message).not.toContain("@rpath");
    expect(message).not.toContain("@loader_path");
  });

  test.each([
    ["@loader_path/near/libhost.dylib", "@loader_path/../x.dylib", "leads out of the plugin's directory"],
    ["@rpath/libhost.dylib", "@rpath/../x.dylib", "a path with `..`"],
    ["/opt/lib", "/proc/1", "past the copy which is loaded"],
    ["@loader_path/lib", "@loader_path/..", "leads out of the plugin's directory"],
  ])("%s as %s strays", (from, to, why) => {
    const problem = strays(library, renamed("plugin-needing.dylib", from, to));
    expect(problem?.message).toContain(why);
  });
});
