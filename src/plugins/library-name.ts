// Owns the file names under which a plugin's library is looked for (A1).

/** The candidates in the order in which they are tried; the first that exists is the library. */
export function libraryNames(pluginName: string, platform: NodeJS.Platform = process.platform): string[] {
  const names = [...new Set([pluginName, pluginName.replaceAll("-", "_")])];
  if (platform === "win32") return [...names.map((name) => `${name}.dll`), ...names.map((name) => `lib${name}.dll`)];
  const extension = platform === "darwin" ? "dylib" : "so";
  return [...names.map((name) => `lib${name}.${extension}`), ...names.map((name) => `${name}.${extension}`)];
}
