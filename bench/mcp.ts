// Owns what only programs that speak MCP are measured by: a client's first minute with them. Times in milliseconds, one a
// round.

import type { Asked } from "./client.ts";
import type { Messages } from "./messages.ts";
import type { Program } from "./programs.ts";
import { Session } from "./session.ts";
import { median } from "./statistics.ts";

const FIRST_CALLS = 20;
const LISTS = 20;
const ms = 1e-6; // of nanoseconds

export interface McpTimes {
  /** From the start of the program to the first answer of a tool. */
  readonly start: number[];
  /** The 20 calls after that, one at a time, all together: code runs for the first times. */
  readonly firstCalls: number[];
  /** From the start of the program to the first answer of tools/list with 200 tools. */
  readonly startToList: number[];
  /** One of the lists that follow. */
  readonly list: number[];
}

/** @returns program → times */
export async function measureMcp(
  programs: readonly Program[],
  rounds: number,
  messages: Messages,
  core?: number,
): Promise<Record<string, McpTimes>> {
  const taking = programs.filter(({ manyTools }) => manyTools !== undefined);
  const found: Record<string, McpTimes> = {};
  for (const { name } of taking) found[name] = { start: [], firstCalls: [], startToList: [], list: [] };
  for (let round = 0; round < rounds; round++) {
    for (const program of taking) {
      const times = found[program.name] as McpTimes;
      await call(program, times, messages, core);
      await list(program, times, messages, core);
    }
  }
  return found;
}

async function call(program: Program, times: McpTimes, messages: Messages, core?: number): Promise<void> {
  const session = await Session.start(program, messages, core);
  const file = session.call("string", 100);
  times.start.push((await session.client.ask(file)).sinceStart * ms);
  let calls = 0;
  for (let i = 0; i < FIRST_CALLS; i++) calls += (await session.client.ask(file)).ns;
  times.firstCalls.push(calls * ms);
  await session.end();
}

async function list(program: Program, times: McpTimes, messages: Messages, core?: number): Promise<void> {
  const { manyTools: command = program.command } = program;
  const session = await Session.start({ ...program, command }, messages, core);
  const lists: Asked[] = [];
  for (let i = 0; i <= LISTS; i++) lists.push(await session.client.ask(session.list()));
  const [first, ...others] = lists as [Asked, ...Asked[]];
  if (!first.answer.includes('"tools":[{"name":"bench-000"')) throw new Error(`no list of tools: ${first.answer}`);
  times.startToList.push(first.sinceStart * ms);
  times.list.push(median(others.map(({ ns }) => ns * ms)));
  await session.end();
}
