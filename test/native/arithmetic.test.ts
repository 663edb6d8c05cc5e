// P6: rounding, flushing to zero and traps that a plugin leaves behind reach nothing of it that is called later.

import { expect, test } from "vitest";
import { call, listed, start, watchingHost } from "../support/calls.ts";
import type { Host } from "../support/host.ts";

const arithmetic = async (host: Host, handle: string) => (await call(host, handle, "arithmetic")).result.output;

test("P6: what constructors, version, metadata, execute and free_string leave behind", async () => {
  await using host = await watchingHost();
  const handle = await host.load("spoils-arithmetic");
  // By now its constructor has done it, version, metadata, and what freed the metadata.
  expect(await arithmetic(host, handle)).toEqual({ ordinary: true, entries: 4, odd: 0 });
  for (let i = 0; i < 3; i++) expect((await call(host, handle, "spoil_arithmetic")).result.success).toBe(true);
  // Of each of these calls and the one before there was an answer to be freed.
  expect(await arithmetic(host, handle)).toEqual({ ordinary: true, entries: 4 + 1 + 3 * 2, odd: 0 });
  expect((await call(host, handle, "answer_null")).error?.data.kind).toBe("INVALID_RESULT");
  expect((await arithmetic(host, handle)).odd).toBe(0);
  await host.result("plugin/reload", { handle });
  expect(await arithmetic(host, handle)).toEqual({ ordinary: true, entries: 4, odd: 0 });
  expect((await listed(host, handle)).stats).toMatchObject({ crashes: 0, errors: 1 });
});

test("P6: on every thread that serves calls", async () => {
  await using host = await watchingHost({ args: ["--concurrency=4"] });
  const handle = await host.load("spoils-arithmetic-thread-safe");
  const calls = Array.from({ length: 100 }, (_, i) =>
    start(host, handle, i % 2 === 0 ? "spoil_arithmetic" : "arithmetic"),
  );
  const outputs = await Promise.all(calls.map(async (id) => (await host.answer(id)).result.output));
  expect(outputs.filter(({ ordinary }) => ordinary === false)).toEqual([]);
  const { entries, ...rest } = await arithmetic(host, handle);
  expect([rest, entries >= 100]).toEqual([{ ordinary: true, odd: 0 }, true]);
});
