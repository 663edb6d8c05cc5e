// `npm run fuzz -- --seconds N --seed S`: fuzzing for as long as asked.

import { parseArgs } from "node:util";
import { roundNumber, runRound } from "./rounds.ts";

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "60" }, seed: { type: "string", default: String(Date.now()) } },
});
const end = performance.now() + Number(values.seconds) * 1000;
let n = 0;
for (; performance.now() < end; n++) await runRound(roundNumber(n, Number(values.seed)));
process.stdout.write(`${n} rounds of seed ${values.seed}, nothing found\n`);
