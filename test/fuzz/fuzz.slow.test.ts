// About a minute of fuzzing, the same each time; `npm run fuzz` goes on with other seeds for as long as asked.

import { expect, test } from "vitest";
import { roundNumber, runRound } from "./rounds.ts";

const SEED = 1;
const GROUPS = 40;
/** Each of another kind, all kinds in each group. */
const ROUNDS = 12;

test.each(Array.from({ length: GROUPS }, (_, n) => n))(
  "W6, M1, M2, M6, M7: group %i of fuzzing",
  { timeout: 120_000 },
  async (group) => {
    for (let n = group * ROUNDS; n < (group + 1) * ROUNDS; n++) {
      await expect(runRound(roundNumber(n, SEED))).resolves.toBeUndefined();
    }
  },
);
