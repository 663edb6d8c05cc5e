import { expect, test } from "vitest";
import { Chaos } from "./chaos.ts";

const SEED = 1;
const ROUNDS = 300;

test(`M6, E2 to E9: ${ROUNDS} rounds of chaos`, { timeout: 900_000 }, async () => {
  await using chaos = await Chaos.begin(SEED);
  for (let n = 0; n < ROUNDS; n++) await chaos.round();
  await expect(chaos.end()).resolves.toBeUndefined();
});
