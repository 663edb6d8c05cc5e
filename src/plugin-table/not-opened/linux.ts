// Owns what the loader's words mean (P9): it says the same of a library that is not there and of one that must not be read.

import { constants, statSync } from "node:fs";
import { dirname } from "node:path";
import { system } from "#platform/program/system";
import { mayRead } from "#sandbox/reach";
import type { LoadReason } from "../../../protocol/error-members.ts";
import { DlrpcError } from "../../../protocol/errors.ts";
import { mayAccess } from "../../base/access.ts";
import { chooseImage, InspectionError, inspectLibrary } from "../../plugins/formats/index.ts";
import type { PluginFiles } from "../../plugins/inspected-plugin.ts";
import { findNeeded } from "../../plugins/libraries/search.ts";
import { readRegularFile, UnreadableFile } from "../../plugins/trust/read-file.ts";
import { canonicalOf } from "../../sandbox/canonical.ts";
import type { Confinement } from "../../sandbox-policy/policy.ts";
import { meaningOnMac } from "./macos.ts";
import { forThisPlatform, type LoadMeaning } from "./meaning.ts";
import { meaningOnWindows } from "./windows.ts";

/** @param why what the loader of a system says, in which the plugin's library has its own path; a plugin may have forged it */
export async function notOpened(
  why: string,
  files: PluginFiles,
  confinement: Confinement,
  of = system,
): Promise<DlrpcError> {
  const { message = why, ...details } =
    of === "linux" ? await meaningOnLinux(why, files, confinement) : (meaningOn[of](why, files) ?? unknown(files, of));
  return new DlrpcError("LIBRARY_LOAD_FAILED", message, { library: files.libraryPath, ...details });
}

/** Each system has its own words. */
const meaningOn = { windows: meaningOnWindows, macos: meaningOnMac };

const listing = { windows: "dumpbin /dependents", macos: "otool -L", linux: "ldd" };

function unknown({ libraryPath }: PluginFiles, of = system): LoadMeaning {
  return { hint: `${listing[of]} ${libraryPath} shows which libraries it needs; look which of them are there.` };
}

/** The words are those of glibc and of musl, neither of which translates them in a worker. */
async function meaningOnLinux(why: string, files: PluginFiles, confinement: Confinement): Promise<LoadMeaning> {
  const [, missing] =
    /^(.+?): cannot open shared object file: /.exec(why) ?? /^Error loading shared library (.+?): /.exec(why) ?? [];
  if (missing !== undefined) return notFound(missing, why, files, confinement);
  const [, symbol] = /: undefined symbol: ([^\s,]+)/.exec(why) ?? /: (\S+): symbol not found$/.exec(why) ?? [];
  if (symbol !== undefined) {
    const hint =
      "Link the library with the one that has it, or with its object file; nm -D FILE lists what a file has.";
    return { reason: "undefined-symbol", symbol, hint };
  }
  const [, other] = /^(.+?): version `.*' not found/.exec(why) ?? [];
  if (other !== undefined) {
    const hint = `Build the plugin against ${other} as it is on this machine, or against an older one; or install a newer one.`;
    return { reason: "version-not-found", needed: other, hint };
  }
  if (/static TLS block|initial-exec TLS/.test(why)) {
    const hint =
      "Build what has so much thread-local storage with -ftls-model=global-dynamic (jemalloc: --disable-initial-exec-tls).";
    return { reason: "static-tls", hint };
  }
  const [, foreign] = /^(.+?): (?:wrong ELF class|ELF file data encoding)/.exec(why) ?? [];
  if (foreign !== undefined) return { reason: "other-platform", needed: foreign, hint: forThisPlatform(foreign) };
  const [, broken] = /^(.+?): (?:file too short|invalid ELF header|cannot read file data)/.exec(why) ?? [];
  if (broken !== undefined) return { reason: "not-a-library", needed: broken, hint: `Install ${broken} again.` };
  return unknown(files);
}

/** The loader goes past what it cannot read, and what is for other machines, and then says that there is none. */
async function notFound(
  needed: string,
  why: string,
  files: PluginFiles,
  confinement: Confinement,
): Promise<LoadMeaning> {
  const path = findNeeded(needed, files.searched);
  const canonical = path === undefined ? undefined : canonicalOf(path);
  if (path === undefined || canonical === undefined) {
    const hint = `Install it, or put it beside ${files.libraryPath} and link that with -Wl,-rpath,'$ORIGIN'.`;
    return { reason: "not-found", needed, hint };
  }
  const isThere = `${files.libraryPath} needs ${needed}, which is there, as ${path}`;
  if (!mayAccess(canonical, constants.R_OK)) {
    const hint = `Let the user that dlrpc runs as read it: ls -l ${canonical}`;
    return { reason: "not-readable", needed, message: `${isThere}, and which dlrpc itself may not read`, hint };
  }
  const misfit = await misfitOf(canonical);
  if (misfit !== undefined) {
    const message = `${isThere}, and cannot be loaded: ${misfit.mismatch}`;
    return { reason: misfit.reason, needed, message, hint: forThisPlatform(needed) };
  }
  if (mayRead(confinement, canonical)) {
    const hint = `It is there, as ${path}. Which directories are searched is said by the library that needs it, not by the one that needs that: link it with -Wl,-rpath,${dirname(path)}`;
    return { reason: "not-found", needed, message: why, hint };
  }
  const directory = dirname(canonical);
  const message = `${isThere}, and which the profile \`${confinement.profile}\` does not let it read`;
  const hint = `Grant it in plugin/load: "sandbox":{"read":[${JSON.stringify(directory)}]}, or with dlrpc exec --read ${directory}`;
  return { reason: "not-readable", needed, message, hint, grant: { read: [directory] } };
}

/** Larger ones are not looked into: the file may be the plugin's own. */
const LONGEST_LIBRARY = 64 * 1024 * 1024;

/** Why a file that can be read is not loaded; undefined where it could be. */
async function misfitOf(path: string): Promise<{ mismatch: string; reason: LoadReason } | undefined> {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false)
    return { mismatch: "it is not a regular file", reason: "not-a-library" };
  try {
    const { bytes } = await readRegularFile(path, LONGEST_LIBRARY);
    const choice = chooseImage(inspectLibrary(bytes));
    return "mismatch" in choice ? choice : undefined;
  } catch (error) {
    if (error instanceof InspectionError) return { mismatch: error.message, reason: "not-a-library" };
    if (error instanceof UnreadableFile) return undefined;
    throw error;
  }
}
