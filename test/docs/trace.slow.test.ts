// What docs/architecture.md says of the life of a call is what happens to one in the built program.

import { expect, test } from "vitest";
import { methods } from "../../protocol/methods.ts";
import { filesOfSteps, reached } from "../trace/steps.ts";
import { trace, traceable } from "../trace/trace.ts";

test("plugin/execute passes through the files of docs/architecture.md in the order in which they are named there", async () => {
  const entered = await trace("plugin/execute");
  const files = filesOfSteps();
  expect(new Set(files.map(({ step }) => step)).size).toBe(12);
  const indexes = reached(files, entered);
  expect(files.filter((_, index) => indexes[index] === undefined)).toEqual([]);

  const receive = entered.find(({ name }) => name === "Connection.receive");
  const handle = entered.find(({ name }) => name === "Connection.handle");
  expect(receive).toMatchObject({ file: "src/rpc/connection.ts", line: expect.any(Number), returns: false });
  expect(handle?.depth).toBe((receive?.depth ?? 0) + 1);
  expect(entered.filter(({ file }) => !/^(src|protocol|native)\//.test(file))).toEqual([]);
});

test("every method can be traced but those that a host asks for once", () => {
  const all = Object.keys(methods).filter((name) => name !== "initialize" && name !== "shutdown");
  expect([...traceable].sort()).toEqual(all.sort());
});
