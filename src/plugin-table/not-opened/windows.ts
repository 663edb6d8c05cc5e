// Owns what the numbers mean by which Windows says that a library does not open (LoadLibraryExW, System Error Codes). They
// come without names: what is missing is what the library's own tables name, and is nowhere (P9).

import type { PluginFiles } from "../../plugins/inspected-plugin.ts";
import type { LoadMeaning } from "./meaning.ts";

const ACCESS_DENIED = 5;
const MOD_NOT_FOUND = 126;
const PROC_NOT_FOUND = 127;
const BAD_EXE_FORMAT = 193;
const VIRUS_INFECTED = 225;
const NOACCESS = 998;
const DLL_INIT_FAILED = 1114;
const DISABLED_BY_POLICY = [1260, 4551];

/** @param why what the worker says @returns undefined where it is no word of Windows */
export function meaningOnWindows(why: string, { libraryPath, missing }: PluginFiles): LoadMeaning | undefined {
  const number = /^error (\d+)(?=$|:)/.exec(why)?.[1];
  if (number === undefined) return undefined;
  const tables = `dumpbin /imports ${libraryPath} lists what it needs; objdump -p does as well.`;
  switch (Number(number)) {
    case MOD_NOT_FOUND:
      return missing === undefined
        ? { reason: "not-found", hint: `A library that it needs needs one that is missing. ${tables}` }
        : { reason: "not-found", ...missing };
    case PROC_NOT_FOUND: {
      const hint = `A library that it needs is there, and lacks a function that it is to have: most often it is another version. ${tables}`;
      return { reason: "undefined-symbol", hint };
    }
    case BAD_EXE_FORMAT: {
      const hint = `It, or a library that it needs, is damaged or for another processor; ${process.arch} is needed. ${tables}`;
      return { reason: "not-a-library", hint };
    }
    case DLL_INIT_FAILED:
      return { hint: "Its DllMain, or that of a library that it needs, returns FALSE; its author knows why." };
    case NOACCESS:
      return { hint: "Its DllMain, or that of a library that it needs, crashes; mend the plugin." };
    case ACCESS_DENIED:
      return {
        reason: "not-readable",
        hint: `Let the user that dlrpc runs as read and run it: icacls "${libraryPath}"`,
      };
    case VIRUS_INFECTED:
      return { reason: "not-readable", hint: "The virus scanner withholds it: see its log." };
  }
  if (DISABLED_BY_POLICY.includes(Number(number)))
    return {
      reason: "not-readable",
      hint: "A policy of this machine lets only other code run: ask who administers it.",
    };
  return { hint: tables };
}
