// E3, E9: a plugin that ends the thread which a call runs on, where others serve calls as well: nothing is heard of that
// call until its deadline. Where there are no others the process ends with the thread, which is a crash (corpus.ts).

import { expect, test } from "vitest";
import { begin, call, exited, start, watchingHost } from "../support/calls.ts";

test.each(["vanish", "end_main_thread"])("%s, on one thread after another", async (what) => {
  await using host = await watchingHost({ args: ["--concurrency=3"] });
  const handle = await host.load("hostile-thread-safe");
  for (let nth = 1; nth <= 3; nth++) {
    const sibling = await begin(host, handle, "hang");
    const lost = start(host, handle, what, { timeoutMs: 200 });
    expect((await host.answer(lost)).error?.data).toMatchObject({ kind: "PLUGIN_TIMEOUT", timeoutMs: 200 });
    expect((await host.answer(sibling)).error?.data).toMatchObject({
      kind: "PLUGIN_CRASHED",
      reason: "sibling-timeout",
    });
    expect(await exited(host, handle, nth)).toMatchObject({ signal: "SIGKILL", reason: "timeout", willRestart: true });
    expect((await call(host, handle, "count")).result.output.count).toBe(1);
  }
});

test.each(["vanish", "end_main_thread"])("%s, on all of them", async (what) => {
  await using host = await watchingHost({ args: ["--concurrency=3"] });
  const handle = await host.load("hostile-thread-safe");
  const ids = [1, 2, 3].map(() => start(host, handle, what, { timeoutMs: 5000 }));
  for (const id of ids) expect((await host.answer(id)).error?.data.kind).toBe("PLUGIN_CRASHED");
  expect(await exited(host, handle)).toMatchObject({ signal: null, exitCode: 0, reason: "crash" });
  expect((await call(host, handle, "count")).result.output.count).toBe(1);
});
