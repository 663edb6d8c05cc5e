// Owns which system this is.

import { platform } from "node:process";

/** As processes and packages call it. */
export const system: "linux" | "windows" | "macos" =
  platform === "win32" ? "windows" : platform === "darwin" ? "macos" : "linux";

/** The C libraries that a Linux system may have. */
export type CLibrary = "glibc" | "musl";

/** The one that this program runs on; undefined where the system has but one. */
export const ownCLibrary: CLibrary | undefined = undefined;
