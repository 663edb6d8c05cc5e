// What grows with a number: plugins loaded at once, handles one after another, calls that wait.

import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { call, start } from "../support/calls.ts";
import { Gate } from "../support/gate.ts";
import { expectHoldings, holdingsOf, settledHost } from "../support/holdings.ts";
import { Host } from "../support/host.ts";

vi.setConfig({ testTimeout: 240_000 }); // many processes, on a machine that may have other work

test("E2: 32 plugins that are loaded at once run at once", async () => {
  await using host = new Host();
  const handles = await Promise.all(Array.from({ length: 32 }, () => host.load("hostile")));
  expect(new Set(handles).size).toBe(32);
  const gates = handles.map(() => new Gate());
  const running = handles.map((handle, i) => start(host, handle, "wait_at_gate", gates[i]?.input));
  for (const gate of gates) await gate.reached();
  for (const gate of gates) await gate.open();
  for (const id of running) expect((await host.answer(id)).result.output.count).toBe(1);
  for (const handle of handles) expect((await call(host, handle, "count")).result.output.count).toBe(2);
  for (const gate of gates) await gate[Symbol.asyncDispose]();
});

/** Each takes a process. The benchmark does it with 10,000 (npm run bench -- --cases handles). */
const rounds = 100;
/** What the collector leaves to chance; 10,000 handles must show less. */
const spreadMib = 24;

test(`P2: ${rounds} handles one after another are as many names, and leave nothing`, async () => {
  await using host = await settledHost();
  const before = await holdingsOf(host);
  const handles = new Set<string>();
  let settled = 0;
  for (let i = 0; i < rounds; i++) {
    if (i === rounds / 4) settled = residentMib(host);
    const handle = await host.load("counter");
    expect((await host.result("plugin/execute", { handle })).output.count).toBe(1);
    await host.result("plugin/unload", { handle });
    handles.add(handle);
  }
  expect(handles.size).toBe(rounds);
  await expectHoldings(host, before);
  expect(residentMib(host) - settled).toBeLessThan(spreadMib);
});

function residentMib(host: Host): number {
  const status = readFileSync(`/proc/${host.child.pid}/status`, "utf8");
  return Number(/^VmRSS:\s+([0-9]+) kB$/m.exec(status)?.[1]) / 1024;
}

test("E2: a queue of 1,000 drains in order", async () => {
  await using host = new Host();
  await using gate = new Gate();
  const handle = await host.load("hostile");
  const first = start(host, handle, "wait_at_gate", gate.input);
  await gate.reached();
  const waiting = Array.from({ length: 1000 }, () => start(host, handle, "count"));
  const { plugins } = await host.result("plugin/list"); // answered after all of these were received
  expect(plugins).toMatchObject([{ running: 1, queued: 1000 }]);
  await gate.open();
  await host.answer(waiting.at(-1) as number);
  const answers = host.messages.filter(({ id }) => [first, ...waiting].includes(id as number));
  expect(answers.map(({ id }) => id)).toEqual([first, ...waiting]);
  expect(answers.map(({ result }) => result.output.count)).toEqual(Array.from({ length: 1001 }, (_, i) => i + 1));
});
