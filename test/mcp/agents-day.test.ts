// A day of two agents, one on the newest client and one on the one that most hosts have, each with its dlrpc on the same
// directory: forty tools, two thousand calls, some of which crash and some of which are cancelled.

import { expect, test } from "vitest";
import { gone } from "../support/gone.ts";
import { PluginDirectory } from "../support/plugin-directory.ts";
import { descendantsOf } from "../support/processes.ts";
import { connectNew, connectOld, type Session } from "./support/official.ts";

const CALLS = 1000;
/** The clients' transports warn where more than ten messages wait to be written. */
const AT_ONCE = 8;
const LENGTHS = [0, 1000, 50_000];

/** Whose plugins run one call at a time: a crash or a cancellation costs no other call. */
const alone = Array.from({ length: 20 }, (_, i) => ({ name: `alone-${i}`, library: "hostile" }));
const echoes = Array.from({ length: 10 }, (_, i) => ({ name: `echo-${i}`, library: "echo" }));
const sharing = Array.from({ length: 10 }, (_, i) => ({ name: `sharing-${i}`, library: "hostile-thread-safe" }));
const tools = [...alone, ...echoes, ...sharing];

/** Makes the nth call of a day, and holds its answer to what it must be. */
type Act = (session: Session, n: number) => Promise<void>;

/** What the hostile plugin is to return. */
const returning = (members: object) => ({ do: "answer_input", output: {}, error: null, files: [], ...members });

const works: Act = async (session, n) => {
  const { name, library } = turn(tools, n);
  const token = `${name} ${n} ${"x".repeat(turn(LENGTHS, n))}`;
  const args = library === "echo" ? { token } : returning({ success: true, output: { token } });
  const { isError, structuredContent } = await session.call(name, args);
  const output = library === "echo" ? structuredContent.context.input : structuredContent;
  expect([isError, output]).toEqual([undefined, { token }]);
};

const fails: Act = async (session, n) => {
  const error = `it is ${n} now`;
  expect(await session.call(turn(alone, n).name, returning({ success: false, error }))).toMatchObject({
    isError: true,
    content: [{ type: "text", text: error }],
  });
};

/** Each of the tools has two of them a day: the third would put it in quarantine. */
const crashes: Act = async (session, n) => {
  const { name } = turn(alone, n / KINDS.length);
  const text = expect.stringMatching(new RegExp(`^PLUGIN_CRASHED: the tool ${name} failed\\.`));
  expect(await session.call(name, { do: "segv" })).toMatchObject({ isError: true, content: [{ text }] });
};

const lists: Act = async (session) => expect(await session.tools()).toHaveLength(tools.length);

const cancelledAtOnce: Act = async (session, n) => {
  const cancelling = new AbortController();
  const call = session.call(turn(alone, n).name, { do: "hang" }, { signal: cancelling.signal });
  cancelling.abort("no more");
  await expect(call).rejects.toThrow("no more");
};

const cancelledAtWork: Act = async (session, n) => {
  const cancelling = new AbortController();
  const options = { signal: cancelling.signal, onprogress: () => cancelling.abort("enough") };
  await expect(session.call(turn(alone, n).name, { do: "hang" }, options)).rejects.toThrow("enough");
};

/** Their number and that of the tools have no divisor in common: each tool has calls that work. */
const KINDS: readonly Act[] = [
  ...[crashes, works, works, works, works, works, works],
  ...[cancelledAtWork, works, works, works, works],
  ...[cancelledAtOnce, works, works, works, works],
  ...[fails, works, works, lists, works],
  ...[cancelledAtWork, works, works, works, works],
];

function turn<T>(all: readonly T[], n: number): T {
  return all[n % all.length] as T;
}

async function spendDay(session: Session): Promise<void> {
  const numbers = Array.from({ length: CALLS }, (_, n) => n).values();
  const workThrough = async () => {
    for (const n of numbers) await turn(KINDS, n)(session, n); // all share the one iterator
  };
  await Promise.all(Array.from({ length: AT_ONCE }, workThrough));
}

test("G6, G7, G9, G10: every call of a day of two agents is answered as it must be, and nothing is left at its end", async () => {
  using directory = new PluginDirectory();
  for (const { name, library } of tools) directory.add(name, { library });
  const args = ["--trust", directory.path, "--log-level", "error"];
  await using newest = await connectNew(args, { pin: "2026-07-28" });
  await using older = await connectOld(args);
  const sessions = [newest, older];
  await Promise.all(sessions.map(spendDay));
  // An answer too many, or to a call that was cancelled, is an error to them.
  expect(sessions.flatMap(({ errors }) => errors)).toEqual([]);

  const left = sessions.map(({ pid }) => pid()).flatMap((pid) => [pid, ...descendantsOf(pid)]);
  expect(left.length).toBeGreaterThan(2 * tools.length);
  const begun = performance.now();
  await Promise.all(sessions.map((session) => session[Symbol.asyncDispose]()));
  await gone(...left);
  expect(performance.now() - begun).toBeLessThan(2000);
});
