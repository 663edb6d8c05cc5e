// E5: a plugin that closes the channel with requests in it that nobody has read: that is a reset, not an end.

import { expect, test } from "vitest";
import { call, exited, start, watchingHost } from "../support/calls.ts";

test.each(["become_sleep", "close_low_and_hang", "close_all_and_hang"])(
  "%s at once, while other threads serve the calls behind it",
  async (what) => {
    await using host = await watchingHost({ args: ["--concurrency=3"] });
    const handle = await host.load("hostile-thread-safe", { sandbox: { profile: "none" } });
    // Three are sent to it at once, and the last one where one of these has been answered.
    const ids = [what, "count", "count", "count"].map((each) => start(host, handle, each));
    const [doomed, ...others] = ids as [number, number, number, number];
    expect((await host.answer(doomed)).error?.data.kind).toBe("PLUGIN_CRASHED");
    for (const id of others) {
      // by whether they had begun
      expect((await host.answer(id)).error?.data.kind).toBeOneOf([undefined, "PLUGIN_CRASHED"]);
    }
    expect(await exited(host, handle)).toMatchObject({ reason: "crash", willRestart: true });
    expect((await call(host, handle, "count")).result.success).toBe(true);
  },
);

test("memory that is shared with dlrpc is written over: calls of that plugin may be lost, no others", async () => {
  await using host = await watchingHost();
  const handle = await host.load("hostile", { timeoutMs: 500 });
  const other = await host.load("hostile");
  const ids = ["scribble", "count", "count", "count"].map((each) => start(host, handle, each));
  const others = [1, 2, 3].map(() => start(host, other, "count"));
  for (const [n, id] of others.entries()) expect((await host.answer(id)).result.output.count).toBe(n + 1);
  for (const id of ids) expect((await host.answer(id)).error?.data.kind).toBeOneOf([undefined, "PLUGIN_TIMEOUT"]);
});
