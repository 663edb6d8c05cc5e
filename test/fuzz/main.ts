// `npm run fuzz -- --seconds N --seed S`: fuzzing for as long as asked.

import { parseArgs } from "node:util";
import { numberOption } from "../support/number-option.ts";
import { roundNumber, runRound } from "./rounds.ts";

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "60" }, seed: { type: "string", default: String(Date.now()) } },
});
const seed = numberOption("seed", values.seed);
const end = performance.now() + numberOption("seconds", values.seconds) * 1000;
let n = 0;
for (; performance.now() < end; n++) await runRound(roundNumber(n, seed));
process.stdout.write(`${n} rounds of seed ${seed}, nothing found\n`);
