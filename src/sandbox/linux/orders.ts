// What a worker on Linux is ordered to do to itself.

import { OrderKind } from "../../../native/frames/frames.ts";
import { listenerFlags } from "../../platform/linux/kernel/seccomp.ts";
import { type Confinement, readsEverything } from "../../sandbox-policy/policy.ts";
import type { Reporter } from "../../sandbox-policy/report.ts";
import type { Order as AnyOrder } from "../orders.ts";
import type { Layer } from "./layers.ts";
import {
  explainingFilter,
  type FilterOptions,
  supervisedFilter,
  systemCallFilter,
  unaskedFilter,
} from "./rules/filter.ts";
import { type Ruleset, restrictingFlags } from "./rules/landlock.ts";
import { type Limit, limits } from "./rules/limits.ts";

const nothing = Buffer.alloc(0);

type Order = AnyOrder<Layer>;

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
