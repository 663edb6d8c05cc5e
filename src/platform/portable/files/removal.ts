// Owns removing directories that plugins have filled.

import { rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { isGone, warnLeftBehind } from "../../both-halves/files/left-behind.ts";

/** Windows removes nothing that is open: whoever has it so has ten seconds, as Node waits 50 ms longer each time. */
const held = { maxRetries: 20, retryDelay: 50 };

/** Resolves when the directory is gone, or the log says why it is not. Links in it are not followed. */
export async function removeDirectory(path: string): Promise<void> {
  if (isGone(path)) return;
  try {
    await rm(path, { recursive: true, force: true, ...held });
  } catch (error) {
    warnLeftBehind(path, error);
  }
}

/** Waits for it, where the program ends at once. @param deadline as performance.now() has it; what is late stays there */
export function removeDirectoryNow(path: string, deadline: number): void {
  if (isGone(path)) return;
  if (performance.now() > deadline) return warnLeftBehind(path, "there is no time");
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    warnLeftBehind(path, error);
  }
}

/** Nothing waits here for what other removals take. */
export function removeNext(): void {}
