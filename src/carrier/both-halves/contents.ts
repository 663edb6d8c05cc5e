// Owns Contents: what is in a directory that a plugin fills.

export interface Contents {
  readonly entries: number;
  /** That take room: holes do not, and names of the same file have a part each. */
  readonly bytes: number;
  /** Directories in one another. */
  readonly levels: number;
}
