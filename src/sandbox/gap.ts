// Gap: what of a confinement is not enforced.

/** A layer without which something of what was asked for is not enforced. */
export interface Gap {
  readonly layer: string;
  readonly unenforced: string;
  readonly reason: string;
}
