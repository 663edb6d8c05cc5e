// A worker that does not get ready: it is given a time, and replaced; where none gets ready the load fails, and says why.

import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { call } from "../support/calls.ts";
import { gone } from "../support/gone.ts";
import { Host } from "../support/host.ts";
import { plugin } from "../support/paths.ts";
import { childrenOf, killIfThere } from "../support/processes.ts";

test("a worker that hangs while it starts is ended, and the load goes on in another", { timeout: 60_000 }, async () => {
  await using host = new Host();
  const [stopped] = await childrenAppear(host);
  process.kill(stopped as number, "SIGSTOP"); // before it has said that it is ready
  const handle = await host.load("hostile");
  await gone(stopped as number);
  const { output } = (await call(host, handle, "count")).result;
  expect(output.count).toBe(1);
  expect(output.pid).not.toBe(stopped);
});

test("where no worker gets ready the load fails and says why; later ones succeed", async () => {
  await using host = new Host();
  const load = host.start("plugin/load", { path: plugin("hostile") });
  let answered = false;
  const answer = host.answer(load).finally(() => {
    answered = true;
  });
  while (!answered) {
    for (const pid of childrenOf(host.child.pid as number)) killIfThere(pid);
    await setTimeout(1);
  }
  const { error } = await answer;
  expect(error?.data.kind).toBe("INTERNAL_ERROR");
  expect(error?.message).toMatch(/A worker process could not be started: it ended with SIGKILL/);
  expect((await call(host, await host.load("hostile"), "count")).result.output.count).toBe(1);
});

/** The first processes that the program starts, as soon as there are any. */
async function childrenAppear(host: Host): Promise<number[]> {
  for (;;) {
    // Not before it runs the program: until then its parent waits for it.
    const children = childrenOf(host.child.pid as number).filter((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("\0worker\0"),
    );
    if (children.length > 0) return children;
    await setTimeout(1);
  }
}
