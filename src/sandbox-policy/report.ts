// What comes of confining a process: which layers it is under, and why the others are missing.

import { messageOf } from "../base/failures.ts";
import { throwIfExhausted } from "../platform/exhaustion.ts";

/** What the kernel answered when a process was put under each layer. */
export interface ConfinementReport {
  /** By name, as each system has them. */
  readonly layers: readonly string[];
  /** Why the others are missing, for people; by layer. */
  readonly missing: Readonly<Record<string, string>>;
}

/** What of a confinement is not enforced: a layer without which something of what was asked for is not. */
export interface Gap {
  readonly layer: string;
  readonly unenforced: string;
  readonly reason: string;
}

export const noLayers: ConfinementReport = { layers: [], missing: {} };

/** Gathers it, layer by layer. One of which any part is missing is missing. */
export class Reporter implements ConfinementReport {
  readonly missing: Record<string, string> = {};
  private readonly inEffect = new Set<string>();

  get layers(): string[] {
    return [...this.inEffect].filter((layer) => !(layer in this.missing));
  }

  has(layer: string): boolean {
    return this.inEffect.has(layer) && !(layer in this.missing);
  }

  add(layers: readonly string[]): void {
    for (const layer of layers) this.inEffect.add(layer);
  }

  miss(layers: readonly string[], reason: string): void {
    for (const layer of layers) this.missing[layer] ??= reason;
  }

  /**
   * @returns what `work` returns; undefined where it throws: then these layers are missing
   * @throws DlrpcError RESOURCES_EXHAUSTED: a layer that this system has is not left out for want of a descriptor
   */
  attempt<T>(layers: readonly string[], work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      throwIfExhausted(error);
      this.miss(layers, messageOf(error));
      return undefined;
    }
  }
}
