// An agent's day: many plugins, mixed calls, cancels and crashes, from both kinds of clients at once.

import { expect, test } from "vitest";
import { Random } from "../fuzz/random.ts";
import { gone } from "../support/gone.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";
import { clients, type Session } from "./official.ts";

const PLUGINS = 40;
const CALLS = 1000;
const AT_ONCE = 8;

/** @returns how many calls ended in which way */
async function spend(client: Session, seed: number): Promise<Record<string, number>> {
  const random = new Random(seed);
  const ends: Record<string, number> = {};
  let left = CALLS;
  const work = async () => {
    while (left-- > 0) {
      const end = await one(client, random);
      ends[end] = (ends[end] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return ends;
}

async function one(client: Session, random: Random): Promise<string> {
  const name = `tool-${10 + random.below(PLUGINS)}`;
  if (random.chance(60)) {
    const cancelling = new AbortController();
    const call = client.call(
      name,
      { do: "hang" },
      { signal: cancelling.signal, onprogress: () => cancelling.abort("enough") },
    );
    return call.then(wordsOf, () => "cancelled");
  }
  if (random.chance(50)) return wordsOf(await client.call(name, { do: random.pick(["segv", "exit_7"]) }));
  if (random.chance(50)) return (await client.tools()).length === PLUGINS ? "listed" : "a list that lacks some";
  const text = "x".repeat(random.pick([10, 1000, 50_000]));
  const result = { do: "answer_input", success: true, output: { text }, error: null, files: [] };
  const answer = await client.call(name, result);
  if (answer.isError) return wordsOf(answer);
  return answer.structuredContent.text === text ? "exact" : "another answer";
}

const wordsOf = (answer: { content: { text: string }[] }) => answer.content[0]?.text.split(":")[0] ?? "nothing";

test("G6, G7, G9: an agent's day", { timeout: 300_000 }, async () => {
  using directory = new PluginDirectory();
  for (let i = 0; i < PLUGINS; i++) directory.add(`tool-${10 + i}`, { library: "hostile" });
  const args = ["--trust", directory.path, "--log-level", "error"];
  const sessions = await Promise.all([clients["2.4.0, which asks first"]?.(args), clients["1.32.2"]?.(args)]);
  const both = sessions.filter((session) => session !== undefined);
  const days = await Promise.all(both.map((client, i) => spend(client, i + 1)));
  for (const [i, client] of both.entries()) {
    const { exact = 0, cancelled = 0, PLUGIN_CRASHED = 0, ...others } = days[i] ?? {};
    expect(exact).toBeGreaterThan(CALLS / 2);
    expect([cancelled > 0, PLUGIN_CRASHED > 0]).toEqual([true, true]);
    expect(Object.keys(others).filter((end) => end !== "listed" && end !== "PLUGIN_QUARANTINED")).toEqual([]);
    expect(client.errors).toEqual([]);
    const pid = client.pid();
    await client[Symbol.asyncDispose]();
    await gone(pid);
  }
});
