// P9 on Windows and macOS: what their loaders' words mean, which are theirs alone and come from no plugin here.

import { expect, test } from "vitest";
import { notOpened } from "../../src/plugin-table/not-opened/linux.ts";
import type { PluginFiles } from "../../src/plugins/examine.ts";

const files = { libraryPath: "/plugins/made/made.dll", searched: [], missing: undefined } as unknown as PluginFiles;
const missing = { message: "made.dll needs gone.dll, which is nowhere", needed: "gone.dll", hint: "Install it." };
const confinement = { profile: "none" } as Parameters<typeof notOpened>[2];

const dataOf = async (of: "windows" | "macos", why: string, those = files) =>
  (await notOpened(why, those, confinement, of)).toJSON();

test.each([
  ["error 5: Access is denied.", "not-readable", /icacls "\/plugins/],
  ["error 126: The specified module could not be found.", "not-found", /dumpbin \/imports/],
  ["error 127: The specified procedure could not be found.", "undefined-symbol", /another version/],
  ["error 193", "not-a-library", /for another processor/],
  ["error 225: Operation did not complete successfully because the file contains a virus", "not-readable", /scanner/],
  ["error 998: Invalid access to memory location.", undefined, /DllMain.* crashes/],
  ["error 1114: A dynamic link library (DLL) initialization routine failed.", undefined, /DllMain.* returns FALSE/],
  ["error 4551: An Application Control policy has blocked this file.", "not-readable", /policy/],
  ["error 1455: The paging file is too small for this operation to complete.", undefined, /dumpbin/],
])("Windows: %s", async (why, reason, hint) => {
  const { message, data } = await dataOf("windows", why);
  expect(message).toBe(why);
  expect(data).toMatchObject({ kind: "LIBRARY_LOAD_FAILED", hint: expect.stringMatching(hint) });
  expect(data.reason).toBe(reason);
});

test("Windows does not name what is missing: the library's own table does", async () => {
  const { message, data } = await dataOf("windows", "error 126: The specified module could not be found.", {
    ...files,
    missing,
  });
  expect(message).toBe(missing.message);
  expect(data).toMatchObject({ reason: "not-found", needed: "gone.dll", hint: "Install it." });
});

const dlopen = (why: string) => `dlopen(/plugins/made/libmade.dylib, 0x0005): ${why}`;
const notLoaded = (why: string) =>
  dlopen(
    `Library not loaded: @rpath/libgone.dylib\n  Referenced from: <0> /plugins/made/libmade.dylib\n  Reason: ${why}`,
  );

test.each([
  [notLoaded("tried: '/usr/local/lib/libgone.dylib' (no such file)"), "not-found", "@rpath/libgone.dylib"],
  [notLoaded("image not found"), "not-found", "@rpath/libgone.dylib"],
  [
    notLoaded("tried: '/x' (mach-o file, but is an incompatible architecture (have 'arm64', need 'x86_64'))"),
    "other-platform",
    "@rpath/libgone.dylib",
  ],
  [notLoaded("tried: '/x' (file system sandbox blocked open())"), "not-readable", "@rpath/libgone.dylib"],
  [dlopen("tried: '/x' (not a mach-o file)"), "not-a-library", undefined],
  [dlopen("tried: '/x' (code signature in <0> '/x' not valid for use in process)"), "not-readable", undefined],
])("macOS: %s", async (why, reason, needed) => {
  const { message, data } = await dataOf("macos", why);
  expect(message).toBe(why);
  expect(data).toMatchObject({ kind: "LIBRARY_LOAD_FAILED", reason, hint: expect.any(String) });
  expect(data.needed).toBe(needed);
});

test.each(["Symbol not found: (_helper)", "Symbol not found: _helper\n  Referenced from: <0> /x"])(
  "macOS: %s",
  async (why) => {
    const { data } = await dataOf("macos", dlopen(why));
    expect(data).toMatchObject({ reason: "undefined-symbol", symbol: "helper" });
  },
);
