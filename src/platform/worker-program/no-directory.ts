// Owns the error that there is no place for a part that must be run from a file.

export class NoDirectory extends Error {
  /**
   * @param refusals a line for each directory that was tried: its path and why it would not do
   * @param variable names another one in the environment
   */
  constructor(refusals: readonly string[], variable = "TMPDIR") {
    super(
      `dlrpc has a part that must be run from a file, and no directory was found to hold it:\n` +
        `${refusals.join("\n")}\nSet ${variable} to a directory where files may be written and run.`,
    );
  }
}
