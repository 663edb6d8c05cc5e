// Owns what comes of confining a process: which layers it is under, and why the others are missing.

import type { Layer } from "./layers.ts";

/** What the kernel answered when a process was put under each layer. */
export interface Report {
  readonly layers: readonly Layer[];
  /** Why the others are missing, for people; by layer. */
  readonly missing: Readonly<Partial<Record<Layer, string>>>;
}

export const noLayers: Report = { layers: [], missing: {} };

/** Tries one layer after the other, and keeps what came of it. */
export class Reporter implements Report {
  readonly layers: Layer[] = [];
  readonly missing: Partial<Record<Layer, string>> = {};

  constructor(sofar: Report = noLayers) {
    this.layers.push(...sofar.layers);
    Object.assign(this.missing, sofar.missing);
  }

  /** @param apply throws where the system refuses */
  try(layer: Layer, apply: () => void): void {
    this.tryAll([layer], () => {
      apply();
      return [layer];
    });
  }

  /** As `try`, for layers that come together. @param apply returns those in effect */
  tryAll(asked: readonly Layer[], apply: () => readonly Layer[]): void {
    try {
      this.layers.push(...apply());
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      for (const layer of asked) this.missing[layer] = reason;
    }
  }
}
