// `npm run bench`: measures dlrpc beside its peers, interleaved. See README.md beside this file.

import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { compileClient } from "./client.ts";
import { Messages } from "./messages.ts";
import { type Size, sizes } from "./payloads.ts";
import { buildEcho } from "./plugins.ts";
import { type Program, recipes } from "./programs.ts";
import { type Case, run, type Samples } from "./rounds.ts";
import { median } from "./statistics.ts";

const { values: options } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    vs: { type: "string", multiple: true, default: [] },
    json: { type: "string" },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "0.2" },
    sizes: { type: "string" },
    pinned: { type: "boolean", default: false },
  },
});

const say = (what: string) => process.stderr.write(`${what}\n`);
const print = (line: string) => process.stdout.write(`${line}\n`);

compileClient();
await buildEcho();

const chosen = options.only?.flatMap((names) => names.split(","));
const programs: Program[] = [];
for (const recipe of recipes) {
  if (chosen && !chosen.includes(recipe.name)) continue;
  try {
    recipe.build();
    programs.push(recipe);
  } catch (error) {
    say(`without ${recipe.name}: ${(error as Error).message}`);
  }
}
for (const given of options.vs) {
  const [name = "", ...rest] = given.split("=");
  const command = rest.join("=").split(/\s+/);
  programs.push({ name, title: name, framing: "headers", dialect: "dlrpc", command });
}

const wanted = (options.sizes?.split(",") ?? Object.keys(sizes)) as Size[];
const cases: Case[] = [1, 64].flatMap((window) =>
  wanted.map((size) => ({ name: `${size}, ${window} in flight`, shape: "string" as const, size, window })),
);

using messages = new Messages();
const plan = { cases, rounds: Number(options.rounds), seconds: Number(options.seconds) };
const core = options.pinned ? cpus().length - 1 : undefined;
const samples = await run(programs, { ...plan, core }, messages, say);
report(samples);
if (options.json !== undefined) writeFileSync(options.json, JSON.stringify(samples, null, 1));

function report(samples: Samples): void {
  for (const [name, byProgram] of Object.entries(samples)) {
    print(`\n${name}`);
    for (const [program, taken] of Object.entries(byProgram)) {
      const figure = (key: "p50" | "p90" | "p99" | "rate") =>
        median(taken.map((sample) => (sample as unknown as Record<string, number>)[key] ?? Number.NaN));
      const micro = (key: "p50" | "p90" | "p99") => (figure(key) / 1000).toFixed(1).padStart(11);
      const own = taken.some((sample) => "rate" in sample)
        ? `${Math.round(figure("rate")).toLocaleString("en").padStart(12)} calls/s`
        : `p50 ${micro("p50")}  p90 ${micro("p90")}  p99 ${micro("p99")} µs`;
      const ratios = Object.entries(byProgram)
        .filter(([other]) => other !== program)
        .map(([other, others]) => `${ratio(taken, others)} × ${other}`);
      print(`  ${program.padEnd(10)} ${own}   ${ratios.join("  ")}`);
    }
  }
}

function ratio(these: Samples[string][string], those: Samples[string][string]): string {
  const of = (sample: object) =>
    "rate" in sample ? (sample as { rate: number }).rate : (sample as { p50: number }).p50;
  return median(these.map((sample, i) => of(sample) / of(those[i] as object))).toFixed(2);
}
