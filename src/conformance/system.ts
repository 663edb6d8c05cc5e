// Owns which system the suite runs on.

import { ownPlatform, systemOf } from "../plugins/platform-directory.ts";

/** As the first part of `platform` says it (L1). */
export const system: string = systemOf(ownPlatform);
export const isWindows = system === "win32";
