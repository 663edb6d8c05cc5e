// Owns what is to be reached, and whether it was.

import { deepCase, flowCase, latencyCase, pinnedCase, pinnedDeepCase, pinnedFlowCase } from "./cases.ts";
import type { Lifetimes } from "./lifetime.ts";
import type { McpTimes } from "./mcp.ts";
import { figure, type Key, type Measured, quietest, ratio } from "./measured.ts";
import type { Size } from "./payloads.ts";
import type { Case } from "./rounds.ts";
import { median } from "./statistics.ts";
import type { Streams } from "./streams.ts";

export interface Goal {
  readonly measure: string;
  /** What the figure is: a ratio, milliseconds, MiB, or a number. */
  readonly unit: "×" | "ms" | "MiB" | "";
  /** What it may be at most, or must be at least. */
  readonly limit: number;
  readonly kind: "at most" | "at least";
  readonly value: (measured: Measured) => number | undefined;
}

export interface Outcome {
  readonly measure: string;
  /** By the medians of the rounds, which is what counts, and by the best rounds of each program. */
  readonly value: number;
  readonly quietest: number;
  readonly goal: string;
  readonly met: boolean;
}

type Value = Goal["value"];

const atMost = (measure: string, limit: number, unit: Goal["unit"], value: Value): Goal => {
  return { measure, unit, limit, kind: "at most", value };
};
const atLeast = (measure: string, limit: number, value: Value): Goal => {
  return { measure, unit: "×", limit, kind: "at least", value };
};

/** Of a bare `node -e 0`. */
const byNode = (measure: string, limit: number, times: (found: Lifetimes) => readonly number[] | undefined): Goal =>
  atMost(`${measure}, by \`node -e 0\``, limit, "×", ({ lifetimes }) => {
    const found = lifetimes && times(lifetimes);
    return found && median(found) / median(lifetimes.node);
  });

/** Of dlrpc's own figures in two cases, round by round. */
const withinOwn = ({ samples }: Measured, key: Key, one: Case, other: Case): number => {
  const of = ({ name }: Case) => (samples[name]?.dlrpc ?? []).map((sample) => sample[key] ?? Number.NaN);
  const others = of(other);
  return median(of(one).map((figure, round) => figure / (others[round] ?? Number.NaN)));
};

/** What it takes of the processor, and how evenly, where very many calls are in flight. */
const deepGoals: readonly Goal[] = (
  [
    [flowCase("100 B"), deepCase],
    [pinnedFlowCase, pinnedDeepCase],
  ] as const
).flatMap(([flow, deep]) => [
  atMost(`processor time a call, ${flow.name}: dlrpc by the Rust engine`, 1.2, "×", (m) =>
    ratio(m, flow, "cpu", "dlrpc", "rust"),
  ),
  atMost(`processor time a call, ${deep.name}, by that of 64`, 1.05, "×", (m) => withinOwn(m, "cpu", deep, flow)),
  atMost(`p99 by p50 of dlrpc, ${deep.name}`, 1.8, "×", (m) => {
    return figure(m, deep, "dlrpc", "p99") / figure(m, deep, "dlrpc", "p50");
  }),
]);

/** From the start on, by the server on the MCP SDK. */
const coldGoals: readonly Goal[] = (
  [
    ["start to first answer", "start", 0.4],
    ["p50 of the first 100 calls", "firstCalls", 0.5],
  ] as const
).map(([measure, key, limit]) =>
  atMost(`${measure}: dlrpc by the MCP server`, limit, "×", ({ lifetimes }) => {
    const { dlrpc, mcp } = lifetimes?.[key] ?? {};
    return dlrpc && mcp && median(dlrpc) / median(mcp);
  }),
);

const small: readonly Size[] = ["100 B", "4 KiB"];
const large: readonly Size[] = ["64 KiB", "1 MiB", "16 MiB"];
const mebibytes = (bytes: number | undefined) => (bytes === undefined ? undefined : bytes / 2 ** 20);

/** Round by round. */
const streamRatio = (measured: Measured, of: (streams: Streams) => readonly [readonly number[], readonly number[]]) => {
  if (!measured.streams) return undefined;
  const [ours, theirs] = of(measured.streams);
  return median(ours.map((figure, round) => figure / (theirs[round] ?? Number.NaN)));
};

/** Round by round. */
const mcpRatio = ({ mcp = {} }: Measured, suffix: string, of: keyof McpTimes) => {
  const [ours, theirs] = [mcp[`dlrpc-mcp${suffix}`], mcp[`mcp-server${suffix}`]];
  return ours && theirs && median(ours[of].map((time, round) => time / (theirs[of][round] ?? Number.NaN)));
};

/** @param suffix of the programs' names, by which revision they are spoken to in */
function mcpGoals(revision: string, suffix: string): Goal[] {
  const bySdk = (measure: string) => `MCP ${revision}, ${measure}: dlrpc by the SDK 2`;
  const [ours, theirs] = [`dlrpc-mcp${suffix}`, `mcp-server${suffix}`];
  return [
    atMost(bySdk("start to the first answer of a tool"), 0.5, "×", (m) => mcpRatio(m, suffix, "start")),
    atMost(bySdk("the 20 calls after that"), 0.8, "×", (m) => mcpRatio(m, suffix, "firstCalls")),
    atMost(bySdk("start to the first list of 200 tools"), 1, "×", (m) => mcpRatio(m, suffix, "startToList")),
    atMost(bySdk("a list of 200 tools after that"), 1, "×", (m) => mcpRatio(m, suffix, "list")),
    ...(
      [
        [latencyCase("string", "100 B"), 0.6],
        [pinnedCase("100 B"), 0.6],
        [latencyCase("string", "64 KiB"), 0.4],
        [latencyCase("string", "1 MiB"), 0.15],
      ] as const
    ).map(([one, limit]) => atMost(bySdk(`p50, ${one.name}`), limit, "×", (m) => ratio(m, one, "p50", ours, theirs))),
    ...[flowCase("100 B"), pinnedFlowCase].map((one) =>
      atLeast(bySdk(`calls a second, ${one.name}`), 4, (m) => ratio(m, one, "rate", ours, theirs)),
    ),
  ];
}

/** What Windows and macOS have of it, on Linux. */
const portableGoals: readonly Goal[] = (
  [
    [pinnedCase("100 B"), 1.3],
    [latencyCase("string", "1 MiB"), 1.1],
  ] as const
).map(([one, limit]) =>
  atMost(`p50, ${one.name}: the portable half by Linux's`, limit, "×", (m) =>
    ratio(m, one, "p50", "dlrpc-portable", "dlrpc"),
  ),
);

export const goals: readonly Goal[] = [
  ...portableGoals,
  atMost("a report of progress: dlrpc by the relay in C", 1.2, "×", (m) =>
    streamRatio(m, ({ progress }) => [progress.dlrpc, progress.pair]),
  ),
  atLeast("partial results a second: dlrpc by one pipe between programs in C", 0.5, (m) =>
    streamRatio(m, ({ values }) => [values.dlrpc, values.pipe]),
  ),
  atMost("p99 of other plugins beside 64 threads that report, by the quiet one", 2, "×", (m) =>
    streamRatio(m, ({ others }) => [others.flood, others.quiet]),
  ),
  ...small.flatMap((size) =>
    [latencyCase("string", size), pinnedCase(size)].flatMap((one) => [
      atMost(`p50, ${one.name}: dlrpc by the isolated pair`, one.size === "100 B" ? 1 : 1.1, "×", (m) =>
        ratio(m, one, "p50", "dlrpc", "pair"),
      ),
      atMost(`p50, ${one.name}: dlrpc by the MCP server`, 0.65, "×", (m) => ratio(m, one, "p50", "dlrpc", "mcp")),
    ]),
  ),
  atMost("processor time a call, string, 100 B: dlrpc by the isolated pair", 1.3, "×", (m) =>
    ratio(m, latencyCase("string", "100 B"), "cpu", "dlrpc", "pair"),
  ),
  ...deepGoals,
  ...small.map((size) => {
    const one = pinnedCase(size);
    const own: Value = (m) => figure(m, one, "dlrpc", "p99") / figure(m, one, "dlrpc", "p50");
    return atMost(`p99 by p50 of dlrpc, ${one.name}`, 3, "×", own);
  }),
  atLeast("calls a second, 64 in flight, 100 B: dlrpc by the Rust engine", 1.5, (m) =>
    ratio(m, flowCase("100 B"), "rate", "dlrpc", "rust"),
  ),
  atLeast("calls a second, 64 in flight, 100 B: dlrpc by vscode-jsonrpc", 10, (m) =>
    ratio(m, flowCase("100 B"), "rate", "dlrpc", "vscode-jsonrpc"),
  ),
  ...large.flatMap((size) => {
    const one = latencyCase("string", size);
    return [
      atMost(`p50, ${one.name}: dlrpc by the Rust engine`, size === "64 KiB" ? 0.3 : 0.15, "×", (m) =>
        ratio(m, one, "p50", "dlrpc", "rust"),
      ),
      atMost(`p50, ${one.name}: dlrpc by that with mimalloc`, 0.6, "×", (m) =>
        ratio(m, one, "p50", "dlrpc", "mimalloc"),
      ),
      atMost(`p50, ${one.name}: dlrpc by the floor`, 2.7, "×", (m) => ratio(m, one, "p50", "dlrpc", "floor")),
    ];
  }),
  ...(["source", "tree"] as const).flatMap((shape) =>
    (["1 MiB", "16 MiB"] as const).map((size) => {
      const one = latencyCase(shape, size);
      return atMost(`p50, ${one.name}: dlrpc by the faster Rust engine`, shape === "source" ? 0.35 : 0.3, "×", (m) =>
        ratio(m, one, "p50", "dlrpc", "rust", "mimalloc"),
      );
    }),
  ),
  ...coldGoals,
  ...mcpGoals("2025-11-25", ""),
  ...mcpGoals("2026-07-28", "-stateless"),
  byNode("start to the answer of initialize", 1.4, ({ own }) => own.dlrpc?.initialize),
  byNode("start of a worker until it is ready", 0.15, ({ worker }) => worker.hello),
  byNode("load of a plugin", 0.25, ({ own }) => own.dlrpc?.load),
  byNode("error of a crash to next answered call", 0.1, ({ own }) => own.dlrpc?.recovery),
  atMost(
    "event loop blocked by the start of a worker",
    0.5,
    "ms",
    ({ lifetimes }) => lifetimes && median(lifetimes.worker.blocked),
  ),
  atMost("load, call and unload: dlrpc by the old one", 0.12, "×", ({ lifetimes }) => {
    const { dlrpc, old } = lifetimes?.own ?? {};
    return dlrpc && old && median(dlrpc.cycle) / median(old.cycle);
  }),
  atLeast("calls a second, 64 in flight on one core: dlrpc by the old one", 1.2, (m) =>
    ratio(m, pinnedFlowCase, "rate", "dlrpc", "old"),
  ),
  atMost("p50, one core, 100 B: dlrpc by the old one", 0.9, "×", (m) =>
    ratio(m, pinnedCase("100 B"), "p50", "dlrpc", "old"),
  ),
  atLeast("calls a second, 100 µs each: 16 plugins by one (on 16 cores)", 12, ({ beside }) => {
    return beside && median(beside.sixteen.map((rate, round) => rate / (beside.one[round] ?? Number.NaN)));
  }),
  atMost("memory of the broker, idle", 16, "MiB", ({ memory }) => mebibytes(memory?.broker.anonymous)),
  atMost("memory of a worker, idle", 0.25, "MiB", ({ memory }) => mebibytes(memory?.worker.anonymous)),
  atMost("memory of a worker with 16 threads", 1, "MiB", ({ memory }) => mebibytes(memory?.workerOf16.anonymous)),
  atMost("memory of all processes with 200 plugins", 120, "MiB", ({ memory }) => mebibytes(memory?.all.dlrpc?.plugins)),
  atMost("memory of all processes with 64 calls in flight", 30, "MiB", ({ memory }) =>
    mebibytes(memory?.all.dlrpc?.inFlight),
  ),
  atMost("memory of all processes with 1,024 calls in flight, above that", 8, "MiB", ({ memory }) => {
    const all = memory?.all.dlrpc;
    return all && mebibytes(all.deep - all.inFlight);
  }),
  atMost("memory of the broker, 1 s after a call of 16 MiB, by before", 1.3, "×", ({ memory }) =>
    memory ? memory.brokerAfter.anonymous / memory.broker.anonymous : undefined,
  ),
  atMost("memory of a worker, 1 s after a call of 16 MiB", 0.25, "MiB", ({ memory }) =>
    mebibytes(memory?.workerAfter.anonymous),
  ),
  ...["16 MiB", "60 MiB"].map((size) =>
    atMost(`peak memory of the broker above idle, by the bytes of a call of ${size}`, 3, "×", ({ memory }) =>
      memory ? memory.peakPerByte[size] : undefined,
    ),
  ),
  atMost("wake-ups of all processes, idle", 0, "", ({ idle }) => idle?.switches),
];

/** Of those goals that were measured. */
export function outcomesOf(measured: Measured): Outcome[] {
  const quiet = quietest(measured);
  return goals.flatMap(({ measure, unit, limit, kind, value: of }) => {
    const value = of(measured);
    if (value === undefined || Number.isNaN(value)) return [];
    const met = kind === "at most" ? value <= limit : value >= limit;
    const goal = `${kind === "at most" ? "≤" : "≥"} ${limit} ${unit}`.trim();
    return [{ measure, value, quietest: of(quiet) as number, goal, met }];
  });
}
