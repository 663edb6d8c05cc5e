// `npm run bench`: measures dlrpc beside its peers. README.md beside this file says how it is used.

import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { measureBeside } from "./beside.ts";
import { buildEcho, clientProgram, compileProgram } from "./build.ts";
import { flowCases, latencyCases, pinnedCases, pinnedFlowCases } from "./cases.ts";
import { outcomesOf } from "./goals.ts";
import { measureHandles } from "./handles.ts";
import { measureLifetimes } from "./lifetime.ts";
import { describeMachine } from "./machine.ts";
import { measureMcp } from "./mcp.ts";
import { figure, type Measured } from "./measured.ts";
import { measureIdle, measureMemory } from "./memory.ts";
import { Messages } from "./messages.ts";
import { benchDirectory } from "./paths.ts";
import { builds, otherProgram, type Program, profiled } from "./programs.ts";
import { compareQuick, measureQuick, quickPrograms } from "./quick.ts";
import { report } from "./report.ts";
import { type Case, run } from "./rounds.ts";
import { measureStreams } from "./streams.ts";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    vs: { type: "string", multiple: true, default: [] },
    only: { type: "string", multiple: true, default: [] },
    cases: { type: "string", multiple: true, default: [] },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "0.3" },
    handles: { type: "string", default: "10000" },
    profile: { type: "string" },
    json: { type: "string" },
    md: { type: "string" },
  },
});

const say = (what: string) => process.stderr.write(`${what}\n`);
const recordedResults = join(benchDirectory, "results.json");
const rounds = Number(options.rounds);
const core = cpus().length - 1;
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1)); // servers end with their client
const messages = new Messages();

compileProgram("client.c", clientProgram);
await buildEcho();
if (options.quick) await quick();
else await whole();

async function quick(): Promise<void> {
  const found = await measureQuick(buildPrograms(quickPrograms), core, messages, say);
  const { lines, worse } = compareQuick(found, recordedRatios());
  for (const line of lines) say(line);
  if (worse) process.exitCode = 1;
}

function recordedRatios(): Record<string, number> {
  const { quick }: { quick?: Record<string, number> } = JSON.parse(readFileSync(recordedResults, "utf8"));
  if (!quick) throw new Error(`${recordedResults} has no \`quick\`: npm run bench -- --json ${recordedResults}`);
  return quick;
}

async function whole(): Promise<void> {
  const chosen = options.only.flatMap((names) => names.split(","));
  const ours = buildPrograms(chosen.length > 0 ? chosen : Object.keys(builds));
  const { profile } = options;
  const programs = [
    ...(profile === undefined ? ours : ours.map((program) => profiled(program, profile))),
    ...options.vs.map(otherProgram),
  ];
  const measured = await measure(programs);
  const about = describeMachine();
  const page = report(measured, programs, about);
  process.stdout.write(page);
  if (options.md !== undefined) writeFileSync(options.md, page);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results(measured, about), null, 2)}\n`);
}

/** Leaves out, with a line that says why, what cannot be built here. */
function buildPrograms(names: readonly string[]): Program[] {
  return names.flatMap((name) => {
    try {
      const build = builds[name];
      if (!build) throw new Error(`there are ${Object.keys(builds).join(", ")}`);
      return [build()];
    } catch (error) {
      say(`without ${name}: ${error instanceof Error ? error.message : error}`);
      return [];
    }
  });
}

async function measure(programs: readonly Program[]): Promise<Measured> {
  const isWanted = (name: string) => options.cases.length === 0 || options.cases.some((text) => name.includes(text));
  const plan = { rounds, seconds: Number(options.seconds) };
  const take = async (all: readonly Case[], core?: number) => {
    const cases = all.filter(({ name }) => isWanted(name));
    return cases.length === 0 ? {} : await run(programs, { ...plan, cases, core }, messages, say);
  };
  const measured: Measured = {
    samples: {
      ...(await take([...latencyCases, ...flowCases])),
      ...(await take([...pinnedCases, ...pinnedFlowCases], core)),
    },
  };
  if (isWanted("mcp")) {
    say("mcp");
    measured.mcp = await measureMcp(programs, 3 * rounds, messages);
  }
  const dlrpc = programs.find(({ name }) => name === "dlrpc");
  if (!dlrpc) return measured;
  if (isWanted("lifetimes")) {
    say("lifetimes");
    measured.lifetimes = await measureLifetimes(programs, 3 * rounds, messages);
  }
  if (isWanted("memory")) {
    say("memory");
    const versions = programs.filter(({ isDlrpc }) => isDlrpc);
    measured.memory = await measureMemory(dlrpc, versions, messages);
    measured.idle = await measureIdle(dlrpc, messages);
  }
  if (isWanted("handles")) {
    say("handles");
    measured.handles = await measureHandles(dlrpc, Number(options.handles), messages);
  }
  if (isWanted("streams")) measured.streams = await measureStreams(dlrpc, rounds, messages, say);
  if (isWanted("beside")) {
    say("beside");
    measured.beside = await measureBeside(dlrpc, rounds, messages);
  }
  if (isWanted("quick")) measured.quick = await measureQuick(programs, core, messages, say);
  return measured;
}

function results(measured: Measured, about: Record<string, string>): object {
  const { samples, ...others } = measured;
  const summary = (name: string, byProgram: Measured["samples"][string]) =>
    Object.fromEntries(
      Object.entries(byProgram).map(([program, taken]) => {
        const keys = (["p50", "p90", "p99", "rate", "cpu"] as const).filter((key) => taken[0]?.[key] !== undefined);
        const one = { name } as Case;
        return [program, Object.fromEntries(keys.map((key) => [key, Math.round(figure(measured, one, program, key))]))];
      }),
    );
  const timings = Object.fromEntries(Object.entries(samples).map(([name, taken]) => [name, summary(name, taken)]));
  return { about, goals: outcomesOf(measured), timings, ...others };
}
