// Owns how a run is told: the page in Markdown.

import {
  deepCase,
  flowCase,
  flowCases,
  latencyCase,
  latencyCases,
  pinnedCase,
  pinnedCases,
  pinnedFlowCases,
} from "./cases.ts";
import { outcomesOf } from "./goals.ts";
import { figure, type Key, type Measured, ratio } from "./measured.ts";
import { sizes } from "./payloads.ts";
import type { Program } from "./programs.ts";
import type { Case } from "./rounds.ts";
import { median } from "./statistics.ts";

const costCases = [
  latencyCase("string", "100 B"),
  flowCase("100 B"),
  deepCase,
  pinnedCase("100 B"),
  ...pinnedFlowCases,
];

const micro = (ns: number) => rounded(ns / 1000);

export function report(measured: Measured, programs: readonly Program[], about: Record<string, string>): string {
  const parts = [
    "# What was measured",
    "`npm run bench` has written this page. One client in C for all, the same plugin behind each, runs interleaved, medians" +
      " of the rounds. Only the ratios within a table mean anything.",
    Object.entries(about)
      .map(([what, which]) => `${what}: ${which}`)
      .join(" · "),
    goalsTable(measured),
    timesTable("One call at a time", "p50 in µs, and p90 / p99", latencyCases, measured, programs, times),
    timesTable(
      "One call at a time, client and program on one core",
      "as above",
      pinnedCases,
      measured,
      programs,
      times,
    ),
    timesTable(
      "dlrpc by the others, p50",
      "the lower the better",
      [...latencyCases, ...pinnedCases],
      measured,
      programs,
      by("p50"),
    ),
    timesTable(
      "Many calls in flight",
      "calls a second, and MiB a second both ways",
      [...flowCases, ...pinnedFlowCases],
      measured,
      programs,
      rates,
    ),
    timesTable(
      "dlrpc by the others, calls a second",
      "the higher the better",
      [...flowCases, ...pinnedFlowCases],
      measured,
      programs,
      by("rate"),
    ),
    timesTable("Processor time of all processes", "µs a call", costCases, measured, programs, (m, one, program) =>
      micro(figure(m, one, program, "cpu")),
    ),
    lifetimes(measured),
    mcp(measured),
    memory(measured),
    handles(measured),
    streams(measured),
    beside(measured),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function goalsTable(measured: Measured): string {
  const outcomes = outcomesOf(measured);
  const rows = outcomes.map(({ measure, value, quietest, goal, met }) => [
    measure,
    rounded(value),
    goal,
    met ? "met" : "**missed**",
    rounded(quietest),
  ]);
  const missed = outcomes.filter(({ met }) => !met).length;
  return [
    "## Goals",
    `${outcomes.length - missed} met, ${missed} missed. The last column compares the best round of each program.`,
    table(["measure", "found", "goal", "", "best rounds"], rows),
  ].join("\n\n");
}

type Cell = (measured: Measured, one: Case, program: string) => string;

function timesTable(
  title: string,
  unit: string,
  all: readonly Case[],
  measured: Measured,
  programs: readonly Program[],
  cell: Cell,
): string {
  const cases = all.filter(({ name }) => measured.samples[name]);
  if (cases.length === 0) return "";
  const rows = programs.map(({ name, title }) => [title, ...cases.map((one) => cell(measured, one, name))]);
  return `## ${title}\n\nIn each cell: ${unit}.\n\n${table(["program", ...cases.map(({ name }) => name)], rows)}`;
}

function times(measured: Measured, one: Case, program: string): string {
  const at = (key: Key) => micro(figure(measured, one, program, key));
  return `**${at("p50")}** ${at("p90")} / ${at("p99")}`;
}

function rates(measured: Measured, one: Case, program: string): string {
  const rate = figure(measured, one, program, "rate");
  return `${rounded(rate)}, ${rounded((rate * 2 * sizes[one.size]) / 2 ** 20)} MiB/s`;
}

function by(key: Key): Cell {
  return (measured, one, program) => rounded(ratio(measured, one, key, "dlrpc", program));
}

function lifetimes({ lifetimes }: Measured): string {
  if (!lifetimes) return "";
  const rows = [
    ...Object.entries(lifetimes.start).map(([name, time]) => [
      `start to first answer of the plugin: ${name}`,
      rounded(median(time)),
    ]),
    ...Object.entries(lifetimes.firstCalls).map(([name, time]) => [
      `the middle one of the first 100 calls after that: ${name}`,
      rounded(median(time)),
    ]),
    ["`node -e 0`, all of it", rounded(median(lifetimes.node))],
    ...Object.entries(lifetimes.own).flatMap(([name, { initialize, load, crash, recovery, cycle }]) => [
      [`start to the answer of initialize: ${name}`, rounded(median(initialize))],
      [`load of a plugin: ${name}`, rounded(median(load))],
      [`from a call that crashes to the answer of the next: ${name}`, rounded(median(crash))],
      [`of that from the error to the answer: ${name}`, rounded(median(recovery))],
      [`load, call, unload: ${name}`, rounded(median(cycle))],
    ]),
    ["start of a worker until it is ready", rounded(median(lifetimes.worker.hello))],
    ["of that the event loop waits", rounded(median(lifetimes.worker.blocked))],
  ];
  return `## Start, load, crash\n\n${table(["what", "ms"], rows)}`;
}

function mcp({ mcp }: Measured): string {
  if (!mcp || Object.keys(mcp).length === 0) return "";
  const head = [
    "ms",
    "start to the first answer of a tool",
    "the 20 calls after that",
    "start to the first list of 200 tools",
    "a list after that",
  ];
  const rows = Object.entries(mcp).map(([name, { start, firstCalls, startToList, list }]) => [
    name,
    ...[start, firstCalls, startToList, list].map((times) => rounded(median(times))),
  ]);
  return `## A client of MCP\n\n${table(head, rows)}`;
}

function memory({ memory, idle }: Measured): string {
  if (!memory || !idle) return "";
  const mebibytes = (bytes: number) => rounded(bytes / 2 ** 20);
  const footprints = {
    broker: memory.broker,
    worker: memory.worker,
    "worker with 16 threads": memory.workerOf16,
  };
  const later = { "broker, 1 s after 16 MiB": memory.brokerAfter, "worker, 1 s after 16 MiB": memory.workerAfter };
  const rows = Object.entries({ ...footprints, ...later }).map(([what, footprint]) => [
    what,
    mebibytes(footprint.anonymous),
    mebibytes(footprint.resident),
  ]);
  const together = Object.entries(memory.all).map(([name, { plugins, inFlight, deep }]) => [
    name,
    ...[plugins, inFlight, deep].map(mebibytes),
  ]);
  const peaks = Object.entries(memory.peakPerByte).map(
    ([size, factor]) => `${rounded(factor)} bytes a byte of a call of ${size}`,
  );
  return [
    "## Memory and idling",
    table(["process", "anonymous, MiB", "resident, MiB"], rows),
    table(["anonymous memory of all processes, MiB", "200 plugins", "64 calls in flight", "1,024"], together),
    `The broker's peak above idle: ${peaks.join(", ")}; with 64 calls of 1 MiB in flight ${mebibytes(memory.peakOf64)} MiB in all.`,
    `Idle for ${idle.seconds} s: ${idle.switches} wake-ups, ${idle.ticks * 10} ms of processor time.`,
  ].join("\n\n");
}

function handles({ handles }: Measured): string {
  if (!handles) return "";
  const { count, each, resident, descriptors } = handles;
  const [early, late] = resident.map((bytes) => rounded(bytes / 2 ** 20));
  return [
    "## Handles, one after another",
    `${count} plugins loaded, called and unloaded: ${rounded(each)} ms each. After a tenth of them the broker had ${early} MiB resident` +
      ` and ${descriptors[0]} descriptors, after all ${late} MiB and ${descriptors[1]}.`,
  ].join("\n\n");
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Three digits that mean something. */
export function rounded(value: number): string {
  if (Number.isNaN(value)) return "–";
  if (value >= 100) return Math.round(value).toLocaleString("en");
  return value
    .toPrecision(3)
    .replace(/(\.\d*?)0+$/, "$1")
    .replace(/\.$/, "");
}

function streams({ streams }: Measured): string {
  if (!streams) return "";
  const { progress, values, others } = streams;
  const rows = [
    ["a report of progress of 100 B, from the plugin to the host", micro(median(progress.dlrpc))],
    ["the same through a relay in C", micro(median(progress.pair))],
    ["partial results of 100 B, a second", rounded(median(values.dlrpc))],
    ["the same from one program in C to another", rounded(median(values.pipe))],
    ["p99 of another plugin's calls", micro(median(others.quiet))],
    ["the same beside 64 threads that report without end", micro(median(others.flood))],
    ["the same beside 64 threads that compute", micro(median(others.spin))],
  ];
  return `## What a plugin says before its answer\n\nTimes in µs.\n\n${table(["measure", "found"], rows)}`;
}

function beside({ beside }: Measured): string {
  if (!beside) return "";
  const { cores, one, sixteen } = beside;
  const [alone, together] = [median(one), median(sixteen)];
  return [
    "## Plugins at once",
    `Calls that take 100 µs of a processor each, on ${cores} cores: ${rounded(alone)} a second of one plugin, ${rounded(together)} of 16.`,
  ].join("\n\n");
}
