// What is in a directory that a plugin fills.

export interface Contents {
  readonly entries: number;
  /** That take room: holes do not, and names of the same file have a part each. */
  readonly bytes: number;
  /** Directories in one another. */
  readonly levels: number;
}

let last: Promise<unknown> = Promise.resolve();

/** Measures when all that began earlier are done. */
export function inTurn(measure: () => Contents | Promise<Contents>): Promise<Contents> {
  const measured = last.then(measure);
  last = measured.catch(() => {}); // whoever asked has it
  return measured;
}
