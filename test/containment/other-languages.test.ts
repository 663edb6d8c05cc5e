// E5: an exception of C++ and a panic of Rust end at the C interface, and with them the process.

import { expect, test } from "vitest";
import { call, exited, start, watchingHost } from "../support/calls.ts";

test.each([
  ["throws-cpp", "throw", /terminate called after throwing(?:.|\n)*thrown on purpose/],
  ["panics-rust", "panic", /panicked on purpose/],
] as const)("%s", async (variant, what, reason) => {
  await using host = await watchingHost();
  const handle = await host.load(variant);
  const failing = start(host, handle, what);
  const behind = start(host, handle, "nothing");
  const { error } = await host.answer(failing);
  expect(error?.data).toMatchObject({
    kind: "PLUGIN_CRASHED",
    signal: "SIGABRT",
    exitCode: null,
    operation: "execute",
    stderrTail: expect.stringMatching(reason),
    sideEffectsUnknown: true,
  });
  expect((await host.answer(behind)).result.success).toBe(true);
  expect(await exited(host, handle)).toMatchObject({ signal: "SIGABRT", reason: "crash", willRestart: true });
  expect((await call(host, handle, "nothing")).result.success).toBe(true);
});
