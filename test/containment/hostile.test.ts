// E3, E5, E8, M6: whatever a plugin does in a call, that call has its one answer, the calls behind it theirs, in order;
// other plugins notice nothing; and nothing is left behind.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answered, call, exited, listed, start } from "../support/calls.ts";
import type { Host, Message } from "../support/host.ts";
import { gone } from "../support/processes.ts";
import { Bystander } from "./bystander.ts";
import { type Behaviour, corpus } from "./corpus.ts";

/** What may start processes is not confined, so that it does. */
const unconfined = { sandbox: { profile: "none" } };

describe.each(Object.keys(corpus))("%s", (theme) => {
  let bystander: Bystander;
  let host: Host;

  beforeAll(async () => {
    bystander = await Bystander.stand(unconfined);
    host = bystander.host;
  });
  afterAll(() => bystander.leave());

  test.each((corpus[theme] ?? []).map((behaviour) => [titleOf(behaviour), behaviour] as const))(
    "%s",
    async (_, behaviour) => {
      const handle = await host.load(behaviour.variant ?? "hostile", unconfined);
      const { pid } = (await call(host, handle, "count")).result.output;
      try {
        if (behaviour.isLater) await answeredThenEnded(host, handle, behaviour);
        else await answeredAmongOthers(host, handle, pid, behaviour);
      } finally {
        await host.result("plugin/unload", { handle });
      }
      await gone(pid);
      await bystander.expectUndisturbed();
      await bystander.expectNothingLeft();
    },
  );
});

/** Other calls are queued behind it, and it is answered before them. */
async function answeredAmongOthers(host: Host, handle: string, pid: number, behaviour: Behaviour): Promise<void> {
  const id = begin(host, handle, behaviour);
  const behind = [1, 2, 3].map(() => start(host, handle, "count"));
  await expectAnswer(host, id, behaviour);
  const outputs = await Promise.all(behind.map(async (each) => (await host.answer(each)).result.output));
  expect(answered(host).slice(-4)).toEqual([id, ...behind]);
  if (behaviour.end === undefined) {
    expect(outputs).toEqual([3, 4, 5].map((count) => ({ count, pid })));
    return;
  }
  expect(outputs.map(({ count }) => count)).toEqual([1, 2, 3]);
  expect(outputs.map((output) => output.pid)).not.toContain(pid);
  expect(await exited(host, handle)).toMatchObject({ handle, ...behaviour.end });
  await gone(pid);
}

/** The process ends after the answer: nobody's call suffers from it. */
async function answeredThenEnded(host: Host, handle: string, behaviour: Behaviour): Promise<void> {
  await expectAnswer(host, begin(host, handle, behaviour), behaviour);
  expect(await exited(host, handle)).toMatchObject({ handle, ...behaviour.end });
  expect((await call(host, handle, "count")).result.output.count).toBe(1);
  expect((await listed(host, handle)).stats).toMatchObject({ calls: 3, errors: 0, crashes: 1, restarts: 1 });
}

function begin(host: Host, handle: string, { does, input, timeoutMs }: Behaviour): number {
  return host.start("plugin/execute", {
    handle,
    input: { do: does, ...input },
    ...(timeoutMs !== undefined && { timeoutMs }),
  });
}

async function expectAnswer(host: Host, id: number, { answers, data = {} }: Behaviour): Promise<void> {
  const message: Message = await host.answer(id);
  const { error } = message;
  expect(answers, error === undefined ? "result" : JSON.stringify(error)).toContain(error?.data.kind ?? "result");
  if (error !== undefined) expect(error.data).toMatchObject(data);
  expect(answered(host).filter((each) => each === id)).toEqual([id]);
}

function titleOf({ does, input = {} }: Behaviour): string {
  return [does, ...Object.entries(input).map(([name, value]) => `${name} ${value}`)].join(", ");
}
