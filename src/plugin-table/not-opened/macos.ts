// Owns what dyld's words mean, by which macOS says that a library does not open (dlopen(3), dyld(1)).

import type { PluginFiles } from "../../plugins/inspected-plugin.ts";
import { forThisPlatform, type LoadMeaning } from "./meaning.ts";

/** @param why what the worker says @returns undefined where these are no words of dyld */
export function meaningOnMac(why: string, { libraryPath }: PluginFiles): LoadMeaning | undefined {
  const [, symbol] = /\bSymbol not found: \(?_?([^\s)]+)/.exec(why) ?? [];
  if (symbol !== undefined) {
    const hint = "Link the library with the one that has it; nm -gU FILE lists what a file has.";
    return { reason: "undefined-symbol", symbol, hint };
  }
  const [, needed] = /\bLibrary not loaded: (\S+)/.exec(why) ?? [];
  const subject = needed === undefined ? {} : { needed };
  const file = needed ?? libraryPath;
  if (/incompatible architecture|wrong architecture|built for/.test(why))
    return { reason: "other-platform", ...subject, hint: forThisPlatform(file) };
  if (/not a mach-o file|file too short|truncated mach-o|malformed mach-o/.test(why))
    return { reason: "not-a-library", ...subject, hint: `Install ${file} again.` };
  if (/code signature|library load disallowed/.test(why)) {
    const hint = `Sign it anew, with what was changed after it was signed: codesign --force --sign - ${file}`;
    return { reason: "not-readable", ...subject, hint };
  }
  if (/sandbox blocked|[Pp]ermission denied|errno=1[,)]/.test(why))
    return { reason: "not-readable", ...subject, hint: `Grant its directory in plugin/load: "sandbox":{"read":[…]}` };
  if (needed === undefined) return undefined;
  const hint = `Install it, or put it beside ${libraryPath} and link that with -Wl,-rpath,@loader_path.`;
  return { reason: "not-found", needed, hint };
}
