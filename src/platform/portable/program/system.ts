// Owns which system this is. It imports nothing: by it the addon is found that everything native goes through.

const names: Partial<Record<NodeJS.Platform, "windows" | "macos">> = { win32: "windows", darwin: "macos" };

/** As processes and packages call it. */
export const system: "linux" | "windows" | "macos" = names[process.platform] ?? "linux";

/** The C libraries that a Linux system may have. */
export type CLibrary = "glibc" | "musl";

/** The one that this program runs on; undefined where the system has but one. On Linux this half is for tests, on glibc. */
export const ownCLibrary: CLibrary | undefined = system === "linux" ? "glibc" : undefined;
