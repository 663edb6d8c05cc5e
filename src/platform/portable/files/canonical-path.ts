// Owns which path of a file or directory is canonical (T2), and which paths name nothing that may be meant (T9).

import { realpathSync } from "node:fs";
import { canonicalWindowsPath } from "../../windows/files/canonical-path.ts";
import { strangeness as strangenessOnWindows } from "../../windows/files/strange-path.ts";
import { system } from "../program/system.ts";

/** Follows every link and `..`. @throws Error with a `code` where there is nothing, or nothing that may be meant */
export const canonicalPath: (path: string) => string =
  system === "windows" ? canonicalWindowsPath : realpathSync.native;

/** Why a path or name is not used (T9); undefined where it names what it seems to name. */
export const strangeness: (path: string) => string | undefined =
  system === "windows" ? strangenessOnWindows : () => undefined;
