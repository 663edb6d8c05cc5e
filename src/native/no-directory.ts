// Owns telling that there is no directory for a part of this program that has to be a file.

/** No directory would do. */
export class NoDirectory extends Error {
  /** @param refusals a line for each directory that was tried: its path and why it would not do */
  constructor(refusals: readonly string[]) {
    super(
      `dlrpc has a part that must be run from a file, and no directory was found to hold it for that moment:\n` +
        `${refusals.join("\n")}\nSet TMPDIR to a directory where files may be written and run.`,
    );
  }
}
