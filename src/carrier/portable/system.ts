// Owns which system this is.

const names: Partial<Record<NodeJS.Platform, "windows" | "macos">> = { win32: "windows", darwin: "macos" };

export const system: "linux" | "windows" | "macos" = names[process.platform] ?? "linux";
