// `npm run chaos -- --rounds N --seed S`: chaos for as many rounds as asked.

import { parseArgs } from "node:util";
import { numberOption } from "../support/number-option.ts";
import { Chaos } from "./chaos.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "1000" }, seed: { type: "string", default: String(Date.now()) } },
});
const rounds = numberOption("rounds", values.rounds);
const seed = numberOption("seed", values.seed);
const REPORTS = 20;

process.stdout.write(`seed ${seed}\n`);
const begun = performance.now();
await using chaos = await Chaos.begin(seed);
for (let n = 1; n <= rounds; n++) {
  await chaos.round();
  if (n % Math.ceil(rounds / REPORTS) === 0) process.stdout.write(`${n} rounds: ${chaos.report()}\n`);
}
await chaos.end();
const seconds = Math.round((performance.now() - begun) / 1000);
process.stdout.write(`${rounds} rounds of seed ${seed} in ${seconds} s, nothing found: ${chaos.report()}\n`);
