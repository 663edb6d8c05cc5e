import { expect, test } from "vitest";
import { roundNumber, runRound } from "./rounds.ts";

const SEED = 1;
const ROUNDS = 60;

test.each(Array.from({ length: ROUNDS }, (_, n) => n))("W6, M1, M2, M6, M7: round %i of fuzzing", async (n) => {
  await expect(runRound(roundNumber(n, SEED))).resolves.toBeUndefined();
});
