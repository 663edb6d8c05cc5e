// Owns which system this is, in the half that is for one only.

export const system: "linux" | "windows" | "macos" = "linux";
