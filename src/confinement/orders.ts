// Owns what a worker is ordered to do to itself (native/frames.h), as data, and what comes of it as a Report.

import { errorName } from "../native/ffi.ts";
import { systemCallFilter } from "./filter.ts";
import type { LandlockLayer, Ruleset } from "./landlock.ts";
import { type Layer, layerNames } from "./layers.ts";
import { limitsOf } from "./limits.ts";
import type { Confinement } from "./policy.ts";
import { type Report, Reporter } from "./report.ts";

/** As in native/frames.h, which a test compares. */
export const OrderKind = { noNewPrivileges: 1, noCapabilities: 2, landlock: 3, limit: 4, systemCalls: 5 } as const;
export const OrderCondition = { always: 0, ifLandlock: 1, ifNoLandlock: 2 } as const;
export const NOT_ORDERED = -1;
export const ORDER_HEADER_BYTES = 16;
export const ORDER_ALIGNMENT = 8;

const nothing = Buffer.alloc(0);

interface Order {
  readonly kind: number;
  readonly condition: number;
  readonly payload: Buffer;
  /** What is in effect once it is carried out. */
  readonly layers: readonly Layer[];
  /** What the worker calls, for people. */
  readonly call: string;
}

export class Orders {
  private readonly orders: Order[] = [];
  private readonly reporter: Reporter;

  /**
   * @param ruleset undefined where there is none, which the report says
   * @param report what is known already of layers that are missing
   * @param pid the worker's
   * @param threads how many threads of it may serve calls
   */
  constructor(confinement: Confinement, ruleset: Ruleset | undefined, report: Report, pid: number, threads: number) {
    this.reporter = new Reporter(report);
    this.add("noNewPrivileges", ["no-new-privileges"], "prctl(PR_SET_NO_NEW_PRIVS)");
    this.add("noCapabilities", ["no-capabilities"], "capset");
    if (ruleset !== undefined) this.add("landlock", ruleset.layers, "landlock_restrict_self");
    this.reporter.tryAll(["limits"], () => {
      for (const { resource, most } of limitsOf(confinement, threads)) {
        this.add("limit", ["limits"], "setrlimit", pairOf(resource, most));
      }
      return [];
    });
    this.reporter.tryAll(["seccomp"], () => {
      this.addFilter(confinement, pid, [], ruleset === undefined ? "always" : "ifNoLandlock");
      if (ruleset !== undefined) this.addFilter(confinement, pid, ruleset.layers, "ifLandlock");
      return [];
    });
  }

  /** For a frame. */
  get bytes(): Buffer {
    return Buffer.concat(
      this.orders.flatMap(({ kind, condition, payload }) => {
        const header = Buffer.alloc(ORDER_HEADER_BYTES);
        header.writeUInt32LE(kind, 0);
        header.writeUInt32LE(condition, 4);
        header.writeUInt32LE(payload.length, 8);
        return [header, payload, Buffer.alloc(-payload.length & (ORDER_ALIGNMENT - 1))];
      }),
    );
  }

  /** @param results what the worker has answered: for each order an int32, 0, an errno or NOT_ORDERED */
  report(results: Buffer): Report {
    const { missing } = this.reporter;
    const done = new Set<Layer>();
    for (const [i, { layers, call }] of this.orders.entries()) {
      const result = results.readInt32LE(i * 4);
      if (result === NOT_ORDERED) continue;
      for (const layer of layers) {
        done.add(layer);
        if (result !== 0) missing[layer] ??= `${call}: ${errorName(result)}`;
      }
    }
    return { layers: layerNames.filter((layer) => done.has(layer) && !(layer in missing)), missing };
  }

  /** What Landlock does not see to, the filter of system calls does. */
  private addFilter(
    { network, exec }: Confinement,
    pid: number,
    landlock: readonly LandlockLayer[],
    condition: keyof typeof OrderCondition,
  ): void {
    const filter = systemCallFilter({
      network,
      exec,
      pid,
      signalsAreScoped: landlock.includes("landlock-scope"),
      truncationIsRuled: landlock.includes("landlock-truncate"),
    });
    this.add("systemCalls", ["seccomp"], "seccomp", filter, condition);
  }

  private add(
    kind: keyof typeof OrderKind,
    layers: readonly Layer[],
    call: string,
    payload: Buffer = nothing,
    condition: keyof typeof OrderCondition = "always",
  ): void {
    this.orders.push({ kind: OrderKind[kind], condition: OrderCondition[condition], payload, layers, call });
  }
}

function pairOf(first: number, second: number): Buffer {
  const pair = Buffer.alloc(16);
  pair.writeBigUInt64LE(BigInt(first), 0);
  pair.writeBigUInt64LE(BigInt(second), 8);
  return pair;
}
