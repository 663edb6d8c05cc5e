// What fails: for a reason that was to be expected, by the system's code for it, and what that says.

/** @returns what `work` returns; undefined where it fails with one of these codes, such as ENOENT @throws what else it throws */
export function tolerating<T>(codes: readonly string[], work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (codes.includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
