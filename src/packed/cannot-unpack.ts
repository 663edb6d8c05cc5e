// Owns the error of a packed program that finds no directory to unpack its native addon in.

export class CannotUnpack extends Error {
  /** @param refusals a line for each directory that was tried: its path and why it would not do */
  constructor(refusals: readonly string[]) {
    super(
      `dlrpc's native addon must be loaded from a file, and no directory was found to hold it for that moment:\n` +
        `${refusals.join("\n")}\nSet TMPDIR to a directory where files may be written and run.`,
    );
  }
}
