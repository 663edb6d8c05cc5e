// Owns making the path of a plugin's file canonical (T2).

import { realpath, stat } from "node:fs/promises";

export type Resolved = { canonical: string; isDirectory: boolean } | { code: string };

/** Follows every link and `..` (T2), or says by the system's error code why there is nothing. */
export async function resolve(path: string): Promise<Resolved> {
  try {
    const canonical = await realpath(path);
    return { canonical, isDirectory: (await stat(canonical)).isDirectory() };
  } catch (error) {
    return { code: (error as NodeJS.ErrnoException).code ?? String(error) };
  }
}

/** Whether there is nothing under that name; what cannot be reached may be there. */
export async function isMissing(path: string): Promise<boolean> {
  const found = await resolve(path);
  return "code" in found && found.code === "ENOENT";
}
