// What docs/architecture.md says of the life of a call is what happens to one in the built program.

import { expect, test } from "vitest";
import { methods } from "../../protocol/methods.ts";
import { Page } from "../support/page.ts";
import { trace, traceable } from "../trace/trace.ts";

/** The files of the twelve steps, in the order in which they are named. */
function filesOnTheWay(): string[] {
  const { text } = new Page("docs/architecture.md");
  const way = /^## The life of a call\n.*?^1\. (.*?)\n\n/ms.exec(text)?.[1] ?? "";
  return [...way.matchAll(/`((?:src|native)\/[^`]+)`/g)].map(([, file = ""]) => file);
}

test("plugin/execute passes through the files of docs/architecture.md in the order in which they are named there", async () => {
  const entered = await trace("plugin/execute");
  const files = filesOnTheWay();
  expect(files.length).toBeGreaterThan(12);
  let at = -1;
  const reached = files.map((wanted) => {
    const next = entered.findIndex(({ file }, index) => index > at && file === wanted);
    if (next < 0) return `${wanted} is not entered behind those before it`;
    at = next;
    return wanted;
  });
  expect(reached).toEqual(files);

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
