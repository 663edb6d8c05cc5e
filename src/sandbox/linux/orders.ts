// Owns what a worker is ordered to do to itself (native/frames.h), as data, and what comes of it as a Report.

import { listenerFlags } from "../../carrier/linux/seccomp.ts";
import {
  explainingFilter,
  type FilterOptions,
  supervisedFilter,
  systemCallFilter,
  unaskedFilter,
} from "../../confinement/filter.ts";
import { type Ruleset, restrictingFlags } from "../../confinement/landlock.ts";
import { type Limit, limits } from "../../confinement/limits.ts";
import { type Confinement, readsEverything } from "../../confinement/policy.ts";
import type { Reporter } from "../../confinement/report.ts";
import { errorName } from "../../native/ffi.ts";
import type { Layer } from "./layers.ts";

/** As in native/frames.h, which a test compares. */
export const OrderKind = {
  noNewPrivileges: 1,
  noCapabilities: 2,
  landlock: 3,
  limit: 4,
  systemCalls: 5,
  forgetListener: 6,
  mitigation: 16,
  integrity: 17,
  jobLimits: 18,
  sandbox: 24,
} as const;
export const ORDER_HEADER_BYTES = 8;
export const ORDER_ALIGNMENT = 8;

const nothing = Buffer.alloc(0);

export interface Order {
  readonly kind: number;
  readonly payload: Buffer;
  /** What is in effect once it is carried out. */
  readonly layers: readonly Layer[];
  /** What the worker calls, for people. */
  readonly call: string;
}

/**
 * What comes first.
 * @param pid the worker
 * @param ruleset undefined where there is none
 */
export function firstOrders(
  confinement: Confinement,
  pid: number,
  ruleset: Ruleset | undefined,
  reporter: Reporter,
): Order[] {
  const most = reporter.attempt(["limits"], limits) ?? [];
  const asking = reporter.attempt(["supervision"], () =>
    filterOrder(
      ["supervision"],
      confinement.explanation === undefined
        ? supervisedFilter()
        : explainingFilter(filterOptions(confinement, pid, ruleset?.layers ?? [])),
      listenerFlags(),
    ),
  );
  return [
    order("noNewPrivileges", ["no-new-privileges"], "prctl(PR_SET_NO_NEW_PRIVS)"),
    order("noCapabilities", ["no-capabilities"], "capset"),
    ...(ruleset === undefined ? [] : [landlockOrder(ruleset)]),
    ...most.map(limitOrder),
    ...(asking === undefined ? [] : [asking]),
  ];
}

/** What comes last, and depends on which layers are in effect by then: what Landlock does not see to, the filter does. */
export function lastOrders(confinement: Confinement, pid: number, reporter: Reporter): Order[] {
  const filter = reporter.attempt(["seccomp"], () =>
    confinement.explanation === undefined
      ? systemCallFilter(filterOptions(confinement, pid, reporter.layers))
      : unaskedFilter(),
  );
  return [order("forgetListener", [], "close"), ...(filter === undefined ? [] : [filterOrder(["seccomp"], filter)])];
}

/** What the filter is to be made of that judges a worker, where these layers are in effect. */
export function filterOptions(confinement: Confinement, pid: number, layers: readonly string[]): FilterOptions {
  const { network, exec, gpu } = confinement;
  return {
    network,
    exec,
    gpu,
    readsEverything: readsEverything(confinement),
    pid,
    signalsAreScoped: layers.includes("landlock-scope"),
    truncationIsRuled: layers.includes("landlock-truncate"),
    isSupervised: layers.includes("supervision"),
  };
}

/** For a frame. */
export function bytesOf(orders: readonly Order[]): Buffer {
  return Buffer.concat(
    orders.flatMap(({ kind, payload }) => {
      const header = Buffer.alloc(ORDER_HEADER_BYTES);
      header.writeUInt32LE(kind, 0);
      header.writeUInt32LE(payload.length, 4);
      return [header, payload, Buffer.alloc(-payload.length & (ORDER_ALIGNMENT - 1))];
    }),
  );
}

/** @param results what the worker has answered: for each order an int32, 0 or an errno */
export function report(orders: readonly Order[], results: Buffer, reporter: Reporter): void {
  for (const [i, { layers, call }] of orders.entries()) {
    const error = results.readInt32LE(i * 4);
    if (error === 0) reporter.add(layers);
    else reporter.miss(layers, `${call}: ${errorName(error)}`);
  }
}

function order(kind: keyof typeof OrderKind, layers: readonly Layer[], call: string, payload: Buffer = nothing): Order {
  return { kind: OrderKind[kind], payload, layers, call };
}

function filterOrder(layers: readonly Layer[], filter: Buffer, flags = 0): Order {
  const payload = Buffer.concat([Buffer.from(BigUint64Array.of(BigInt(flags)).buffer), filter]);
  return order("systemCalls", layers, "seccomp", payload);
}

function landlockOrder({ layers }: Ruleset): Order {
  const flags = BigUint64Array.of(BigInt(restrictingFlags(layers)));
  return order("landlock", layers, "landlock_restrict_self", Buffer.from(flags.buffer));
}

function limitOrder({ resource, most }: Limit): Order {
  const pair = BigUint64Array.of(BigInt(resource), BigInt(most));
  return order("limit", ["limits"], "setrlimit", Buffer.from(pair.buffer));
}
