// The declared states of a worker, and of what runs a plugin's calls: what no host can time from outside.

import { expect, test } from "vitest";
import { type ExecutorState, follow } from "../../src/calls/executor/executor-state.ts";
import { nobody, type WorkerEnd } from "../../src/workers/worker-listener.ts";
import { WorkerState } from "../../src/workers/worker-state.ts";

const end: WorkerEnd = { signal: "SIGSEGV", exitCode: null, stderrTail: "", stdoutTail: "" };

test("a worker that ends while nobody listens is told of to whoever listens next", () => {
  const state = new WorkerState();
  const heard: WorkerEnd[] = [];
  for (const next of ["confining", "confined", "loading", "loaded"] as const) state.enter(next);
  state.ended(end);
  state.enter("serving", { ...nobody, ended: (told) => heard.push(told) });
  expect(heard).toEqual([end]);
});

test("what must not follow is refused, with what may", () => {
  const state = new WorkerState();
  expect(() => state.enter("serving")).toThrow(
    "a worker that is starting cannot become serving: after that comes confining, ended",
  );
  const ended: ExecutorState = { name: "ended" };
  expect(() => follow(ended, { name: "restarting" })).toThrow(
    "a plugin that is ended cannot become restarting: after that comes nothing",
  );
});
