// E5: a plugin that closes the channel with requests in it that nobody has read: that is a reset, not an end.

import { expect, test } from "vitest";
import { exited, start, watchingHost } from "../support/calls.ts";

test.each(["become_sleep", "close_low_and_hang", "close_all_and_hang"])(
  "%s at once, while further threads are started for the calls behind it",
  async (what) => {
    await using host = await watchingHost({ args: ["--concurrency=3"] });
    const handle = await host.load("hostile-thread-safe", { sandbox: { profile: "none" } });
    const ids = [what, "count", "count"].map((each) => start(host, handle, each)); // all three are sent to it
    const behind = start(host, handle, "count");
    for (const id of ids) expect((await host.answer(id)).error?.data.kind).toBe("PLUGIN_CRASHED");
    expect(await exited(host, handle)).toMatchObject({ reason: "crash", willRestart: true });
    expect((await host.answer(behind)).result.output.count).toBe(1);
  },
);
